#include "proxy/session/serve.h"

#include <string>
#include <utility>

#include "proxy/net/proxy_protocol.h"
#include "proxy/session/admission.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_session.h"
#include "proxy/session/passthrough.h"
#include "proxy/session/secure.h"
#include "proxy/session/tcp_session.h"
#include "proxy/session/turn_away.h"

namespace chainmend::session {

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

}  // namespace

net::Task<void> serve(WorkerContext& worker, std::unique_ptr<Accepted> accepted) {
  const serving::Listener& listener = accepted->listener;
  if (listener.proxy_protocol && listener.trusts(address_bytes(accepted->peer.address()))) {
    const bool told = co_await read_parties(worker, *accepted);
    if (!told) {
      co_return;
    }
    const auto refused = worker.admission != nullptr
                             ? worker.admission->admit_source(worker, *accepted)
                             : std::nullopt;
    if (refused) {
      co_await turn_away(worker, std::move(accepted), *refused);
      co_return;
    }
  }
  Connection connection(worker, std::move(*accepted));
  accepted.reset();
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
  const bool ready = co_await secure(connection, report);
  if (!ready) {
    co_return;
  }
  if (listener.mode == config::Mode::tcp) {
    co_await serve_tcp(connection, report);
  } else {
    HttpSession session(connection, report);
    co_await session.run();
  }
}

}  // namespace chainmend::session
