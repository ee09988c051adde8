// Addresses and networks as the configuration names them and connections have them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace chainmend::config {

// A numeric address: 16 bytes in network order, IPv4 as ::ffff:a.b.c.d.
using Address = std::array<std::uint8_t, 16>;

// Addresses that begin alike: 10.20.0.0/16, 2001:db8::/32.
struct Network {
  Address address{};
  unsigned prefix = 128;  // bits; of an IPv4 network 96 more than it is written with
  bool contains(const Address& one) const;
  bool is_ipv4() const;
  // Larger than any network that somebody owns: shorter than /8, or than /16 of IPv6.
  bool is_everybody() const;
  Network whole() const;     // without the bits behind the prefix
  std::string text() const;  // "10.20.0.0/16"
  bool operator==(const Network&) const = default;
};

std::vector<std::string> texts(const std::vector<Network>& networks);

}  // namespace chainmend::config
