// address_rules: which addresses a download may connect to. The URLs come from certificates, so
// whoever made the certificate chooses the host; without these rules it could make us talk to
// services that only we can reach. Pure functions. Source: the IANA special-purpose address
// registries (RFC 6890 and its updates).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>

#include "proxy/enums/names.h"

namespace chainmend::net {

enum class AddressKind {
  global,  // public unicast, the only kind that may be connected to by default
  loopback,
  private_use,  // RFC 1918, RFC 6598 (carrier NAT), RFC 4193 (ULA), site-local
  link_local,   // among them the metadata services of clouds
  embedded_v4,  // IPv6 that smuggles an IPv4 address: v4-mapped, v4-compatible, 6to4, Teredo, local
                // NAT64
  reserved,     // documentation, benchmarking, protocol assignments, not yet given out
  multicast,    // and limited broadcast
  unspecified,  // 0.0.0.0/8 and ::, which systems take for "this host"
};
inline constexpr enums::Names<AddressKind> kAddressKindNames{
    "public",       "loopback", "private",   "link-local",
    "IPv4-in-IPv6", "reserved", "multicast", "unspecified"};
constexpr const char* to_string(AddressKind kind) { return kAddressKindNames[kind]; }

AddressKind kind_of(const boost::asio::ip::address&);

// Why a connection to this address is refused; empty when it is allowed. allow_private lets
// everything through but multicast and unspecified, which no server answers on.
std::string refusal(const boost::asio::ip::address&, bool allow_private);

// What a download is told that asks for a port other than 80 without leave.
std::string port_refusal(unsigned port);

// Whether a message holds one of the two refusals above, and allow_private would lift it.
bool refused_as_private(std::string_view message);

}  // namespace chainmend::net
