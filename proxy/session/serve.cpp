#include "proxy/session/serve.h"

#include <string>
#include <utility>

#include "proxy/http/simple_response.h"
#include "proxy/net/proxy_protocol.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_session.h"
#include "proxy/session/linger.h"
#include "proxy/session/passthrough.h"
#include "proxy/session/tcp_session.h"

namespace chainmend::session {

using net::IoError;

namespace {

// Asks the trusted proxy that is calling for whom it does. False: it does not say, and without that
// nothing would be right.
net::Task<bool> read_parties(WorkerContext& worker, Accepted& accepted) {
  const serving::Listener& listener = accepted.listener;
  const auto header = co_await net::read_proxy_header(
      accepted.socket, worker.loop.deadlines, net::Clock::now() + listener.timeouts.first_byte);
  if (!header) {
    listener.metrics->noise(tls::NoiseKind::proxy_header_missing);
    worker.services.log.event(
        logs::Level::warn, "proxy_header_missing",
        {{"conn", accepted.id}, {"listener", listener.name}, {"peer", text_of(accepted.peer)}});
    co_return false;
  }
  if (header->addresses) {
    accepted.peer = header->addresses->source;
    accepted.local = header->addresses->destination;
  }
  co_return true;
}

// The reason of a failed handshake is in the session's trace.
net::Task<IoError> handshake(Connection& connection, net::Clock::time_point started) {
  connection.client.session()->note_peer(address_bytes(connection.peer.address()));
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
  co_return error;
}

// Someone typed http:// where https:// belongs: an answer says so, a closed connection would not.
net::Task<void> refuse_plain_http(Connection& connection) {
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

net::Task<void> serve(WorkerContext& worker, std::unique_ptr<Accepted> accepted) {
  const serving::Listener& listener = accepted->listener;
  if (listener.proxy_protocol && listener.trusts(address_bytes(accepted->peer.address()))) {
    const bool told = co_await read_parties(worker, *accepted);
    if (!told) {
      co_return;
    }
  }
  Connection connection(worker, std::move(*accepted));
  accepted.reset();
  const auto open = listener.metrics->connection();
  HandshakeReport report(
      connection);  // says what became of the handshake, at the latest at its end
  if (!listener.passthrough.empty()) {
    const Passed passed = co_await pass_through(connection, report);
    if (passed == Passed::plain_http) {
      co_await refuse_plain_http(connection);
    }
    if (passed != Passed::no) {
      co_return;
    }
  }
  if (listener.tls) {
    const IoError error = co_await handshake(connection, report.started());
    report.handshake_ended();
    const bool plain_http =
        connection.client.session()->trace().flight == clients::FlightKind::http_request;
    if (error == IoError::tls && plain_http) {
      co_await refuse_plain_http(connection);
    } else if (error == IoError::tls) {
      co_await linger(connection);  // our alert shall be read: it says what to repair
    }
    if (error != IoError::none) {
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
