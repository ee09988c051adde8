// Addresses and ports as a BIG-IP writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chainmend::diagnose::f5 {

struct Destination {
  std::string address;     // or the name of an object that has it; empty: any
  std::uint16_t port = 0;  // 0: any
  int route_domain = 0;
};

// "/Common/10.0.0.1:443", "10.0.0.1%47:https", "2001:db8::9.443", "/Common/any:0", "*:80",
// "/Common/vip_ews:443". Unset: no port, or one that is no number and no service that F5 names.
std::optional<Destination> read_destination(std::string_view text);

// 443, "https". 0: "any", "*".
std::optional<std::uint16_t> read_port(std::string_view text);

// "10.0.0.1" and 47 of "10.0.0.1%47".
std::string without_route_domain(std::string_view address, int& route_domain);

// A time in whole seconds, "300", as the configuration of chainmend takes it: at most a year.
// Unset: no number, or 0, with which a BIG-IP waits for ever.
std::optional<std::uint64_t> read_seconds(std::string_view text);

bool is_address(std::string_view text);  // numeric, without brackets and route domain
std::string host_and_port(std::string_view host, std::uint16_t port);  // "[::1]:443"

}  // namespace chainmend::diagnose::f5
