// Text -> value and back, for the values that YAML has no type for. Pure functions; nothing when
// the text is no such value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

namespace chainmend::config {

std::string lower(std::string_view text);  // ASCII letters only
std::string duration_text(
    Milliseconds time);                      // 10m, in the largest unit that leaves a whole number
std::string size_text(std::uint64_t bytes);  // 64KiB, likewise

std::optional<bool> parse_bool(std::string_view text);               // true false yes no on off
std::optional<std::uint64_t> parse_number(std::string_view text);    // decimal digits only
std::optional<double> parse_decimal(std::string_view text);          // 1 0.5; not negative
std::optional<Milliseconds> parse_duration(std::string_view text);   // 500ms 10s 65m 1h 2d
std::optional<std::uint64_t> parse_size(std::string_view text);      // bytes: 1000 64KiB 10MiB 2GiB
std::optional<TlsVersion> parse_tls_version(std::string_view text);  // 1.2 tls1.2 TLSv1.2
std::optional<Endpoint> parse_endpoint(std::string_view text);       // 0.0.0.0:443 [::1]:443
// 10.20.0.0/16 2001:db8::/32 10.20.0.7; bits behind the prefix do not count
std::optional<Network> parse_network(std::string_view text);
std::optional<std::uint64_t> parse_tls_number(std::string_view text);  // 0x002f 47; to 65535

struct HostAndPort {
  std::string host;  // in lower case, without brackets
  std::uint16_t port = 0;
};
// "host", "host:443", "[::1]:443", "10.0.0.1"
std::optional<HostAndPort> parse_host_and_port(std::string_view text, std::uint16_t usual_port);
bool is_host(std::string_view text);          // DNS name or IPv4 address
bool is_ipv6_address(std::string_view text);  // without brackets

}  // namespace chainmend::config
