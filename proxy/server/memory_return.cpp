#include "proxy/server/memory_return.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace chainmend::server {

namespace {

// Often enough that no burst to speak of comes and goes unseen.
constexpr std::chrono::seconds kLook{1};
// A burst that breathes is not tidied up after at each breath: malloc_trim() takes milliseconds,
// and a worker that allocates meanwhile may wait for its heap.
constexpr std::chrono::seconds kPause{5};

}  // namespace

bool Ebb::has_come(std::int64_t now) {
  most_ = std::max(most_, now);
  if (most_ - now < kFew || now > most_ / 2) {
    return false;
  }
  most_ = now;
  return true;
}

MemoryReturn::MemoryReturn(boost::asio::io_context& io, Background& background,
                           std::function<std::int64_t()> connections)
    : background_(background), connections_(std::move(connections)), timer_(io) {
  look_after(kLook);
}

void MemoryReturn::look_after(std::chrono::seconds pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    const bool ebb = ebb_.has_come(connections_());
    if (ebb) {
      background_.run([] { ::malloc_trim(0); });
    }
    look_after(ebb ? kPause : kLook);
  });
}

}  // namespace chainmend::server
