// The PROXY protocol, versions 1 and 2: who the client is, said by a proxy before the first byte of
// the connection proper. Source: HAProxy's doc/proxy-protocol.txt, 2.1 and 2.2.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/net/deadline.h"
#include "proxy/net/task.h"

namespace chainmend::net {

enum class ProxyVersion { none, v1, v2 };

struct ProxyHeader {
  // Unset: the proxy speaks for itself (LOCAL, as health checks do), or does not know (UNKNOWN).
  struct Addresses {
    boost::asio::ip::tcp::endpoint source, destination;
  };
  std::optional<Addresses> addresses;
};

// A whole line of version 1 without its CRLF. Nothing when it is malformed.
std::optional<ProxyHeader> parse_proxy_line(std::string_view line);
// Version 2 behind its signature: version and command, family, and of what the length announces at
// least as much as the family's addresses take.
std::optional<ProxyHeader> parse_proxy_block(std::uint8_t version_command, std::uint8_t family,
                                             std::span<const std::uint8_t> addresses);
// Bytes of the address part of a family; 0 for those that we do not know.
std::size_t proxy_address_size(std::uint8_t family);

void append_proxy_header(ProxyVersion version, const ProxyHeader::Addresses& addresses,
                         std::string& out);
// The proxy speaks for itself: LOCAL in version 2, UNKNOWN in version 1.
void append_local_header(ProxyVersion version, std::string& out);

// Reads exactly the header from a connection that has just been accepted and leaves every byte
// behind it. Nothing: there is none, it is malformed, or it did not come before `until`.
Task<std::optional<ProxyHeader>> read_proxy_header(Socket& socket, DeadlineSet& deadlines,
                                                   Clock::time_point until);

}  // namespace chainmend::net
