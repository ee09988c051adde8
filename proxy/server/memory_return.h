// MemoryReturn: gives the kernel back what a burst of connections has left behind. glibc keeps
// freed memory for the next one, and gives back by itself only what lies at the end of a heap:
// after 10,000 connections that is next to nothing. On the main thread; giving back is done on the
// background thread, off the way of requests.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

#include "proxy/server/background.h"

namespace chainmend::server {

// Ebb: when a number that came down has come down far enough to tidy up after it.
class Ebb {
 public:
  // Those are not worth it: about a megabyte.
  static constexpr std::int64_t kFew = 64;

  // How many there are now. True: less than half of the most there were since it last said so.
  bool has_come(std::int64_t now);

 private:
  std::int64_t most_ = 0;
};

class MemoryReturn {
 public:
  // connections: how many are open now. All must outlive it.
  MemoryReturn(boost::asio::io_context& io, Background& background,
               std::function<std::int64_t()> connections);
  MemoryReturn(const MemoryReturn&) = delete;
  MemoryReturn& operator=(const MemoryReturn&) = delete;

 private:
  void look_after(std::chrono::seconds pause);

  Background& background_;
  std::function<std::int64_t()> connections_;
  boost::asio::steady_timer timer_;
  Ebb ebb_;
};

}  // namespace chainmend::server
