#include "proxy/session/serve.h"

#include <string>
#include <utility>

#include "proxy/http/simple_response.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_session.h"
#include "proxy/session/linger.h"
#include "proxy/session/tcp_session.h"

namespace chainmend::session {

namespace asio = boost::asio;
using net::IoError;

namespace {

// True when the client may speak. What a failed one was about is in the session's trace.
asio::awaitable<bool> handshake(Connection& connection) {
  const auto started = net::Clock::now();
  connection.client.session()->note_peer(connection.peer_address());
  const auto& timeouts = connection.listener.timeouts;
  connection.deadline.expires_at(started + timeouts.first_byte);
  IoError error = co_await connection.client.wait_readable();
  if (error == IoError::none) {
    connection.deadline.expires_at(started + timeouts.handshake);
    error = co_await connection.client.handshake();
  }
  if (connection.deadline.expired()) {
    connection.client.session()->note_timeout();
  }
  connection.deadline.clear();
  co_return error == IoError::none;
}

// Someone typed http:// where https:// belongs: an answer says so, a closed connection would not.
asio::awaitable<void> refuse_plain_http(Connection& connection) {
  connection.client.give_up_tls();
  std::string answer;
  http::write_simple_response({.status = 400, .text = "This port speaks TLS: use https://"},
                              answer);
  connection.deadline.expires_after(std::chrono::seconds(2));
  const IoError error = co_await connection.client.write_all(answer);
  if (error == IoError::none) {
    co_await linger(connection);
  }
}

}  // namespace

asio::awaitable<void> serve(WorkerContext& worker, serving::ServingStatePtr state,
                            const serving::Listener& listener, std::uint64_t id,
                            asio::ip::tcp::socket socket, asio::ip::tcp::endpoint peer) {
  Connection connection(worker, std::move(state), listener, id, std::move(socket), peer);
  const auto open = listener.metrics->connection();
  HandshakeReport report(
      connection);  // says what became of the handshake, at the latest at its end
  if (listener.tls) {
    const bool ready = co_await handshake(connection);
    report.handshake_ended();
    if (!ready) {
      if (connection.client.session()->trace().flight == clients::FlightKind::http_request) {
        co_await refuse_plain_http(connection);
      }
      co_return;
    }
  }
  if (listener.mode == config::Mode::tcp) {
    co_await serve_tcp(connection, report);
  } else {
    HttpSession session(connection, report);
    co_await session.run();
  }
}

}  // namespace chainmend::session
