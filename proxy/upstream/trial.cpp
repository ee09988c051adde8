#include "proxy/upstream/trial.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "proxy/metrics/metrics.h"
#include "proxy/net/proxy_protocol.h"

namespace chainmend::upstream {

namespace {

TrialResult result_of(Connected connected, const Peer& peer) {
  TrialResult result;
  result.server = peer.server->name();
  if (connected.stream) {
    result.accepted = true;
    if (const tls::TlsSession* session = connected.stream->session()) {
      result.version = session->version();
      result.cipher = session->cipher();
    }
  } else {
    ConnectFailure& failure = connected.failures.front();
    result.unresolved = failure.unresolved;
    result.reason = failure.reason;
    result.text = std::move(failure.text);
  }
  return result;
}

}  // namespace

std::vector<TrialResult> Trial::run(Upstream upstream, bool plain) {
  std::vector<TrialResult> results(upstream.peers.size());
  std::vector<Upstream> alone(upstream.peers.size(), upstream);  // connect() goes on to the next
  metrics::Metrics uncounted({"", ""});
  std::string preamble;
  net::append_local_header(upstream.proxy_header, preamble);
  std::size_t pending = upstream.peers.size();
  loop_.io.restart();
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const Peer& peer = upstream.peers[i];
    const Server& server = *peer.server;
    alone[i].peers = {peer};
    alone[i].peers.front().server =
        std::make_shared<Server>(Address{server.name(), server.host(), server.port()},
                                 uncounted.upstream_server(upstream.name, server.name()));
    boost::asio::co_spawn(
        loop_.io,
        connect(loop_, alone[i], alone[i].peers.front(), {.preamble = preamble, .plain = plain}),
        [&, i](const std::exception_ptr&, Connected connected) {
          results[i] = result_of(std::move(connected), alone[i].peers.front());
          if (--pending == 0) {
            loop_.io.stop();
          }
        });
  }
  if (!stopped_) {
    loop_.io.run();
  }
  std::erase_if(results, [](const TrialResult& one) { return one.server.empty(); });
  return results;
}

void Trial::stop() {
  stopped_ = true;
  loop_.io.stop();
}

}  // namespace chainmend::upstream
