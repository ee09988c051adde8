// What the structs of the configuration are made of.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/result.h"

namespace chainmend::config {

using Milliseconds = std::chrono::milliseconds;
using Path = std::filesystem::path;  // made absolute against the config file's folder

template <typename T>
struct Located {
  T value{};
  Location at;
  bool operator==(const Located& other) const { return value == other.value; }
};

template <typename T>
std::vector<T> values(const std::vector<Located<T>>& located) {
  std::vector<T> out;
  out.reserve(located.size());
  for (const Located<T>& one : located) {
    out.push_back(one.value);
  }
  return out;
}

// Address and port to listen on; port 0: the kernel picks one.
struct Endpoint {
  std::string address;  // numeric, without brackets, in the one canonical spelling
  std::uint16_t port = 0;
  std::string text() const;  // "[::1]:443"
  bool operator==(const Endpoint&) const = default;
};

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

}  // namespace chainmend::config
