#include "proxy/session/turn_away.h"

#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/simple_response.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_session.h"
#include "proxy/session/linger.h"
#include "proxy/session/secure.h"

namespace chainmend::session {

using metrics::RejectReason;
using net::IoError;

namespace {

// Each costs a connection that there is no room for.
constexpr std::size_t kAtOnce = 64;
constexpr std::chrono::seconds kPatience{5};

bool may_shake_hands(RejectReason reason) {
  return reason == RejectReason::max_connections || reason == RejectReason::listener_connections ||
         reason == RejectReason::per_source;
}

bool speaks_tls(const serving::Listener& listener) {
  return listener.tls || !listener.passthrough.empty();
}

std::string last_word(const serving::Listener& listener) {
  std::string text;
  if (speaks_tls(listener)) {
    text = kNotNow;
  } else if (listener.mode == config::Mode::http) {
    http::write_simple_response({.status = 503, .text = kNoRoom, .retry_after = kRoomAgain}, text);
  }
  return text;
}

// Some of it may be lost when the client has spoken already: its kernel is told so by a reset.
void say_and_close(Accepted& accepted) {
  boost::system::error_code ignored;
  accepted.socket.native_non_blocking(true, ignored);
  accepted.socket.write_some(boost::asio::buffer(last_word(accepted.listener)), ignored);
  accepted.socket.shutdown(net::Socket::shutdown_send, ignored);
}

}  // namespace

net::Task<void> turn_away(WorkerContext& worker, std::unique_ptr<Accepted> accepted,
                          RejectReason reason) {
  if (worker.turning_away >= kAtOnce || reason == RejectReason::no_descriptors) {
    say_and_close(*accepted);
    co_return;
  }
  const std::shared_ptr<void> counted(&++worker.turning_away,
                                      [&worker](void*) { --worker.turning_away; });
  Connection connection(worker, std::move(*accepted));
  accepted.reset();
  const serving::Listener& listener = connection.listener;
  net::Deadline limit(
      worker.loop.deadlines, [](void* c) { static_cast<Connection*>(c)->interrupt(); },
      &connection);
  limit.expires_after(kPatience);
  if (listener.mode == config::Mode::http && listener.passthrough.empty() &&
      (!listener.tls || may_shake_hands(reason))) {
    HandshakeReport report(connection);
    const bool ready = co_await secure(connection, report);
    if (ready) {
      HttpSession session(connection, report);
      co_await session.turn_away();
    }
    co_return;
  }
  connection.client.give_up_tls();
  const std::string word = last_word(listener);
  const IoError error = co_await connection.client.write_all(word);
  if (error == IoError::none) {
    co_await linger(connection);
  }
}

}  // namespace chainmend::session
