// NameLookup: host name -> addresses, waiting no longer than told. getaddrinfo() itself knows no
// deadline and cannot be interrupted, so the system's lookup runs on a thread that is left behind
// when its time is up.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "certs/result.h"

namespace chainmend::net {

struct Resolution {
  std::vector<boost::asio::ip::address> addresses;  // at least one, none twice
  std::string canonical_name;                       // where CNAMEs led; else the host itself
};

// Asks the system's resolver and waits for as long as that takes.
certs::Result<Resolution> resolve(const std::string& host);
certs::Result<std::vector<boost::asio::ip::address>> ask_system(const std::string& host);

// How long DNS says that its answer about this host holds: the shortest time of all its records.
// Nothing when it does not know the host. Waits, at most a few seconds.
std::optional<std::chrono::seconds> ask_ttl(const std::string& host);

using TimePoint = std::chrono::steady_clock::time_point;

// At least one address, in the order in which they should be tried. Errors: network, timeout. May
// be called by several threads at once.
using NameLookup = std::function<certs::Result<std::vector<boost::asio::ip::address>>(
    const std::string& host, TimePoint until, std::stop_token stop)>;

// The system's resolver (/etc/hosts, DNS, ...). At most max_pending lookups hang at a time; more
// fail at once.
NameLookup system_lookup(int max_pending = 16);

}  // namespace chainmend::net
