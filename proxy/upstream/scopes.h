// Scopes: what a health check speaks for, as bits: a server as a whole, or one directory of
// Exchange. A request concerns the whole and, at most, one directory; a server is left out for it
// when the check of either fails.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/upstream.h"

namespace chainmend::upstream {

using Scopes = std::uint32_t;

inline constexpr Scopes kWhole = 1;
inline constexpr Scopes kEverything = ~Scopes{0};

constexpr Scopes scope_of(config::ExchangeDirectory directory) {
  return Scopes{2} << static_cast<unsigned>(directory);
}

// The directory that a path lies in, written as http::normalise_path does. Allocates nothing.
constexpr Scopes scopes_of_path(std::string_view path) {
  for (std::size_t i = 0; i < enums::count<config::ExchangeDirectory>(); ++i) {
    const auto directory = static_cast<config::ExchangeDirectory>(i);
    const std::string_view prefix = config::kExchangeDirectoryPaths[directory];
    if (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/')) {
      return kWhole | scope_of(directory);
    }
  }
  return kWhole;
}

// "whole", "ews": for logs and metrics; of one scope.
constexpr std::string_view name_of_scope(Scopes scope) {
  for (std::size_t i = 0; i < enums::count<config::ExchangeDirectory>(); ++i) {
    const auto directory = static_cast<config::ExchangeDirectory>(i);
    if (scope == scope_of(directory)) {
      return config::kExchangeDirectoryNames[directory];
    }
  }
  return "whole";
}

// "/ews": of the scope of a directory.
constexpr std::string_view directory_of(Scopes scope) {
  for (std::size_t i = 0; i < enums::count<config::ExchangeDirectory>(); ++i) {
    const auto directory = static_cast<config::ExchangeDirectory>(i);
    if (scope == scope_of(directory)) {
      return config::kExchangeDirectoryPaths[directory];
    }
  }
  return "";
}

}  // namespace chainmend::upstream
