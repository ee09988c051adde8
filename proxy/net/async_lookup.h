// look_up(): host name -> addresses, for coroutines. getaddrinfo() cannot be interrupted, so each
// lookup has a thread of its own, which is left behind when nobody waits for it any more: a name
// that is slow to resolve holds up nobody but those who asked for it. (Asio's resolver asks for all
// of a loop's names one after the other.)
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "certs/result.h"
#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace chainmend::net {

// At least one address, in the order in which they should be tried. Errors: network, timeout. At
// most 64 lookups hang at a time in the whole process; more fail at once.
Task<certs::Result<std::vector<boost::asio::ip::address>>> look_up(Loop& loop, std::string host,
                                                                   Clock::duration patience);

struct TimedAddresses {
  std::vector<boost::asio::ip::address> addresses;
  // For how long they hold; unset: the resolver does not say (/etc/hosts has no such time).
  std::optional<std::chrono::seconds> ttl;
};

// The same, with a second question to DNS for the time.
Task<certs::Result<TimedAddresses>> look_up_timed(Loop& loop, std::string host,
                                                  Clock::duration patience);

}  // namespace chainmend::net
