#include "proxy/net/pace.h"

#include "proxy/net/bytes_moved.h"

namespace chainmend::net {

Pace::Pace(DeadlineSet& deadlines, Stream& stream, Peer peer, std::size_t bytes_per_second)
    : stream_(stream),
      peer_(peer),
      least_(bytes_per_second * static_cast<std::size_t>(kWindow.count())),
      window_(deadlines, &Pace::on_window, this) {}

void Pace::wait_begins() {
  began_ = Clock::now();
  window_.expires_at(began_ + (kWindow - waited_));
}

void Pace::wait_ends() {
  waited_ += Clock::now() - began_;
  window_.clear();
}

void Pace::on_window(void* self) {
  Pace& pace = *static_cast<Pace*>(self);
  const std::uint64_t now = pace.bytes_moved();
  pace.too_slow_ = pace.before_ && now - *pace.before_ < pace.least_;
  if (pace.too_slow_) {
    pace.stream_.cancel();
    return;
  }
  pace.before_ = now;
  pace.waited_ = {};
  pace.wait_begins();
}

std::uint64_t Pace::bytes_moved() const {
  const int fd = const_cast<Socket&>(stream_.socket()).native_handle();
  const BytesMoved moved = net::bytes_moved(fd);
  return peer_ == Peer::sends ? moved.received : moved.acknowledged;
}

}  // namespace chainmend::net
