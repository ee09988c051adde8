// The client hellos of Debian's package testssl.sh, read from where the package puts them.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/proxy/clients/hello_bytes.h"

namespace chainmend::clients::testing {

struct SimulatedClient {
  std::string name;
  Bytes hello;                        // as sent, record headers included
  std::uint16_t highest_version = 0;  // what the list says that the client offers
};

// Empty when the package is not installed. Lines look like `names+=("Android 2.3.7")`.
inline std::vector<SimulatedClient> simulated_clients() {
  std::ifstream in("/etc/testssl/client-simulation.txt");
  std::vector<SimulatedClient> clients;
  for (std::string line; std::getline(in, line);) {
    const auto value_of = [&](const std::string& key) -> std::string {
      const std::size_t at = line.find_first_not_of(' ');
      if (at == std::string::npos || !line.substr(at).starts_with(key + "+=(")) {
        return {};
      }
      std::string value = line.substr(at + key.size() + 3);
      value.resize(value.rfind(')'));
      return value.starts_with('"') ? value.substr(1, value.size() - 2) : value;
    };
    if (const std::string name = value_of("names"); !name.empty()) {
      clients.push_back({name, {}, 0});
    } else if (const std::string hex = value_of("handshakebytes"); !hex.empty()) {
      clients.back().hello = from_hex(hex);
    } else if (const std::string version = value_of("highest_protocol"); !version.empty()) {
      clients.back().highest_version = static_cast<std::uint16_t>(std::stoi(version, nullptr, 16));
    }
  }
  return clients;
}

}  // namespace chainmend::clients::testing
