// Text -> value, for the values that YAML has no type for. Pure functions; nothing when the text is
// no such value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

namespace chainmend::config {

std::string lower(std::string_view text);  // ASCII letters only

std::optional<bool> parse_bool(std::string_view text);               // true false yes no on off
std::optional<std::uint64_t> parse_number(std::string_view text);    // decimal digits only
std::optional<Milliseconds> parse_duration(std::string_view text);   // 500ms 10s 65m 1h 2d
std::optional<std::uint64_t> parse_size(std::string_view text);      // bytes: 1000 64KiB 10MiB 2GiB
std::optional<TlsVersion> parse_tls_version(std::string_view text);  // 1.2 tls1.2 TLSv1.2
std::optional<Endpoint> parse_endpoint(std::string_view text);       // 0.0.0.0:443 [::1]:443
bool is_host(std::string_view text);                                 // DNS name or IPv4 address
bool is_ipv6_address(std::string_view text);                         // without brackets

}  // namespace chainmend::config
