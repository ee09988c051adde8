#include "proxy/net/tunnel.h"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace chainmend::net {

namespace {

struct Patience {
  Deadline& idle;
  Clock::duration patience;
  void renew() { idle.expires_after(patience); }
};

// Many old clients close a TLS connection without close_notify: an end all the same, passed on as a
// cut-off one.
bool ended(IoError error) { return error == IoError::eof || error == IoError::truncated; }

Task<PumpResult> pump(Stream& from, Stream& to, BufferPool& buffers, Patience patience, Tap tap) {
  PumpResult result;
  BufferPool::Block block;
  for (;;) {
    const IoResult read = co_await from.read_some(buffers, block);
    if (tap.call != nullptr && !tap.call(tap.argument, block.span().first(read.n), read.error)) {
      tap.call = nullptr;
    }
    if (read.error != IoError::none) {
      result.read_error = read.error;
      break;
    }
    patience.renew();
    result.write_error =
        co_await to.write_all({reinterpret_cast<const char*>(block.data()), read.n});
    if (result.write_error != IoError::none) {
      break;
    }
    result.bytes += read.n;
    patience.renew();
  }
  block.release();
  if (ended(result.read_error)) {
    result.write_error = co_await to.finish_writing(
        result.read_error == IoError::eof ? Stream::End::proper : Stream::End::cut_off);
  }
  co_return result;
}

// One direction of a tunnel: its failure ends the waits of the other one too.
Task<PumpResult> direction(Stream& from, Stream& to, BufferPool& buffers, Patience patience,
                           Tap tap) {
  const PumpResult result = co_await pump(from, to, buffers, patience, tap);
  if (!result.ended()) {
    from.cancel();
    to.cancel();
  }
  co_return result;
}

}  // namespace

Task<TunnelResult> tunnel(Stream& a, Stream& b, BufferPool& buffers, Deadline& idle,
                          Clock::duration patience, Tap up_tap, Tap down_tap) {
  using asio::experimental::awaitable_operators::operator&&;
  const Patience shared{idle, patience};
  idle.expires_after(patience);
  auto [up, down] = co_await (direction(a, b, buffers, shared, up_tap) &&
                              direction(b, a, buffers, shared, down_tap));
  co_return TunnelResult{up, down};
}

}  // namespace chainmend::net
