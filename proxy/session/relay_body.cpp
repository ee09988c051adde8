#include "proxy/session/relay_body.h"

namespace chainmend::session {

using net::IoError;

net::Task<RelayEnd> relay_body(RelayRoute route, http::BodyRelay& body) {
  bool ended = false;  // the sender closed properly
  while (!body.done()) {
    const http::BodyStep step =
        ended ? body.finish_eof(route.scratch) : body.step(route.received.bytes(), route.scratch);
    if (!step.out.empty()) {
      IoError error = IoError::none;
      {
        const net::PacedWait wait(route.from_client ? nullptr : route.client);
        error = co_await route.to.write_all(step.out);
      }
      if (error != IoError::none) {
        co_return RelayEnd{{}, IoError::none, error};
      }
      route.idle.expires_after(route.patience);
    }
    route.received.consume(step.consumed);
    if (step.fault) {
      co_return RelayEnd{step.fault, IoError::none, IoError::none};
    }
    if (step.done) {
      break;
    }
    IoError error = IoError::none;
    {
      const net::PacedWait wait(route.from_client ? route.client : nullptr);
      error = co_await route.received.fill(route.from, route.buffers);
    }
    ended = error == IoError::eof;
    if (error != IoError::none && !ended) {
      co_return RelayEnd{{}, error, IoError::none};
    }
    route.idle.expires_after(route.patience);
  }
  co_return RelayEnd{};
}

}  // namespace chainmend::session
