#include "proxy/session/secure.h"

#include <string>

#include "proxy/http/simple_response.h"
#include "proxy/session/linger.h"

namespace chainmend::session {

using net::IoError;

namespace {

// The reason of a failed handshake is in the session's trace.
net::Task<IoError> handshake(Connection& connection, net::Clock::time_point started) {
  connection.client.session()->note_peer(address_bytes(connection.peer.address()));
  const auto& timeouts = connection.listener.timeouts;
  connection.deadline.expires_at(started + timeouts.first_byte);
  connection.set_waiting(Waiting::silent);
  IoError error = co_await connection.client.wait_readable();
  connection.set_waiting(Waiting::busy);
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

}  // namespace

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

net::Task<bool> secure(Connection& connection, HandshakeReport& report) {
  if (!connection.listener.tls) {
    co_return true;
  }
  const IoError error = co_await handshake(connection, report.started());
  report.handshake_ended();
  const bool plain_http =
      connection.client.session()->trace().flight == clients::FlightKind::http_request;
  if (error == IoError::tls && plain_http) {
    co_await refuse_plain_http(connection);
  } else if (error == IoError::tls) {
    co_await linger(connection);  // our alert shall be read: it says what to repair
  }
  co_return error == IoError::none;
}

}  // namespace chainmend::session
