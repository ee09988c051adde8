#include "proxy/net/address_rules.h"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cstdint>

namespace chainmend::net {
namespace {

constexpr std::string_view kNotPublic = " is not a public address (";
constexpr std::string_view kNotThisPort = " is refused unless private addresses are allowed";

namespace ip = boost::asio::ip;

struct RangeV4 {
  std::uint32_t first;
  int bits;
  AddressKind kind;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24 | b << 16 | c << 8;
}

// Whatever is in none of these is public unicast.
constexpr RangeV4 kRangesV4[] = {
    {v4(0, 0, 0), 8, AddressKind::unspecified},     {v4(10, 0, 0), 8, AddressKind::private_use},
    {v4(100, 64, 0), 10, AddressKind::private_use}, {v4(127, 0, 0), 8, AddressKind::loopback},
    {v4(169, 254, 0), 16, AddressKind::link_local}, {v4(172, 16, 0), 12, AddressKind::private_use},
    {v4(192, 0, 0), 24, AddressKind::reserved},     {v4(192, 0, 2), 24, AddressKind::reserved},
    {v4(192, 88, 99), 24, AddressKind::reserved},   {v4(192, 168, 0), 16, AddressKind::private_use},
    {v4(198, 18, 0), 15, AddressKind::reserved},    {v4(198, 51, 100), 24, AddressKind::reserved},
    {v4(203, 0, 113), 24, AddressKind::reserved},   {v4(224, 0, 0), 4, AddressKind::multicast},
    {0xFFFFFFFF, 32, AddressKind::multicast},       {v4(240, 0, 0), 4, AddressKind::reserved},
};

AddressKind kind_of_v4(const ip::address_v4& address) {
  for (const RangeV4& range : kRangesV4) {
    const std::uint32_t mask = 0xFFFFFFFFU << (32 - range.bits);
    if ((address.to_uint() & mask) == range.first) {
      return range.kind;
    }
  }
  return AddressKind::global;
}

struct RangeV6 {
  const char* prefix;
  AddressKind kind;
};

// First match wins. Outside 2000::/3 nothing is public, so the table only names the kinds there.
constexpr RangeV6 kRangesV6[] = {
    {"::/128", AddressKind::unspecified},
    {"::1/128", AddressKind::loopback},
    {"::ffff:0:0/96", AddressKind::embedded_v4},
    {"::/96", AddressKind::embedded_v4},
    {"64:ff9b:1::/48", AddressKind::embedded_v4},
    {"fc00::/7", AddressKind::private_use},
    {"fe80::/10", AddressKind::link_local},
    {"fec0::/10", AddressKind::private_use},
    {"ff00::/8", AddressKind::multicast},
    {"2001::/32", AddressKind::embedded_v4},
    {"2001::/23", AddressKind::reserved},
    {"2001:db8::/32", AddressKind::reserved},
    {"2002::/16", AddressKind::embedded_v4},
    {"3fff::/20", AddressKind::reserved},
    {"2000::/3", AddressKind::global},
};

bool in_range(const ip::address_v6& address, const ip::network_v6& range) {
  return ip::network_v6(address, range.prefix_length()).canonical() == range.canonical();
}

AddressKind kind_of_v6(const ip::address_v6& address) {
  // On networks without IPv4 every public IPv4 host appears behind this prefix (RFC 6052), so the
  // address inside decides.
  if (in_range(address, ip::make_network_v6("64:ff9b::/96"))) {
    const ip::address_v6::bytes_type b = address.to_bytes();
    return kind_of_v4(ip::address_v4({b[12], b[13], b[14], b[15]}));
  }
  for (const RangeV6& range : kRangesV6) {
    if (in_range(address, ip::make_network_v6(range.prefix))) {
      return range.kind;
    }
  }
  return AddressKind::reserved;
}

}  // namespace

AddressKind kind_of(const ip::address& address) {
  return address.is_v4() ? kind_of_v4(address.to_v4()) : kind_of_v6(address.to_v6());
}

std::string refusal(const ip::address& address, bool allow_private) {
  const AddressKind kind = kind_of(address);
  const bool unusable = kind == AddressKind::multicast || kind == AddressKind::unspecified;
  if (kind == AddressKind::global || (allow_private && !unusable)) {
    return {};
  }
  return address.to_string() + std::string(kNotPublic) + to_string(kind) + ")";
}

std::string port_refusal(unsigned port) {
  return "port " + std::to_string(port) + std::string(kNotThisPort);
}

bool refused_as_private(std::string_view message) {
  if (message.find(kNotThisPort) != std::string_view::npos) {
    return true;
  }
  const std::size_t at = message.find(kNotPublic);
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view kind = message.substr(at + kNotPublic.size());
  return !kind.starts_with(to_string(AddressKind::multicast)) &&
         !kind.starts_with(to_string(AddressKind::unspecified));
}

}  // namespace chainmend::net
