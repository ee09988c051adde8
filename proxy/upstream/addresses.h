// Addresses: where the name of a server leads, kept until somebody knows better: an answer stays
// when the resolver fails. Each new connection begins at another address, families take turns
// (RFC 8305 4, without its race), and an address that failed lately comes last. Thread-safe, by a
// lock: it is asked for once per new connection, never per request.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <mutex>
#include <vector>

#include "proxy/net/deadline.h"

namespace chainmend::upstream {

class Addresses {
 public:
  using Address = boost::asio::ip::address;
  static constexpr std::chrono::seconds kShunned{30};  // after a failure
  static constexpr std::size_t kMost = 64;

  bool known() const;
  // What the resolver says now, at most kMost of it are kept; true when that is news.
  bool set(const std::vector<Address>& found);
  std::vector<Address> all() const;
  // In the order in which to try them. Moves on where the next one begins.
  std::vector<Address> in_order(net::Clock::time_point now);
  // No connection could be made to it.
  void failed(const Address& address, net::Clock::time_point now);

 private:
  struct Entry {
    Address address;
    net::Clock::time_point shunned_until;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace chainmend::upstream
