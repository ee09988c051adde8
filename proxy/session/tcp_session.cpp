#include "proxy/session/tcp_session.h"

#include <algorithm>

#include "proxy/net/tunnel.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

net::Task<void> serve_tcp(Connection& connection, HandshakeReport& report) {
  UpstreamLink link(connection);
  const serving::Route& route = connection.listener.routes.front();
  const LinkFailure failure = co_await link.open(*route.upstream, route.timeouts);
  if (failure.status != 0) {
    co_return;  // logged; there is no way to say it to the client but to close
  }
  link.note_success();  // there is no more to judge by
  // An end tells no more than that it was not used.
  const auto first_byte = [](void* r, std::span<const std::uint8_t>, net::IoError end) {
    if (end == net::IoError::none) {
      static_cast<HandshakeReport*>(r)->used();
    }
    return false;
  };
  const net::TunnelResult result = co_await net::tunnel(
      connection.client, link.stream(), connection.worker.loop.buffers, connection.deadline,
      std::max(route.timeouts.client_idle, route.timeouts.server_idle), {first_byte, &report});
  if (!result.ended()) {
    link.stream().abort();
    connection.client.abort();
  }
}

}  // namespace chainmend::session
