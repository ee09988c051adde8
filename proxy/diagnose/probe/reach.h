// The way to a server: its name, its addresses, and whether something listens there.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "certs/result.h"
#include "proxy/diagnose/probe/ask.h"
#include "proxy/diagnose/probe/target.h"

namespace chainmend::diagnose {

struct Resolved {
  std::vector<boost::asio::ip::address> addresses;  // in the order in which clients try them
  std::string canonical_name;  // where CNAMEs led; the host, when there are none
  std::chrono::milliseconds took{};
};

// An address needs no lookup and resolves to itself. Waits no longer than patience allows: the
// system's resolver cannot be interrupted, so its thread is left behind then.
certs::Result<Resolved> resolve(const Target& target, const Patience& patience);

// Whether something listens at an address.
struct Connection {
  boost::asio::ip::address address;
  std::string failure;  // why there is no TCP connection; empty: there was one
  std::chrono::milliseconds took{};
};
Connection connect(const boost::asio::ip::address& address, std::uint16_t port,
                   const Patience& patience);

}  // namespace chainmend::diagnose
