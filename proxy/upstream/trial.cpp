#include "proxy/upstream/trial.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "proxy/net/proxy_protocol.h"

namespace chainmend::upstream {

namespace {

TrialResult result_of(Attempt attempt, const Peer& peer) {
  TrialResult result;
  result.server = peer.server->name();
  if (attempt.stream) {
    result.accepted = true;
    if (const tls::TlsSession* session = attempt.stream->session()) {
      result.version = session->version();
      result.cipher = session->cipher();
    }
  } else {
    result.unresolved = attempt.failure.unresolved;
    result.reason = attempt.failure.reason;
    result.text = std::move(attempt.failure.text);
  }
  return result;
}

}  // namespace

std::vector<TrialResult> Trial::run(Upstream upstream, bool plain) {
  std::vector<TrialResult> results(upstream.peers.size());
  std::string preamble;
  net::append_local_header(upstream.proxy_header, preamble);
  std::size_t pending = upstream.peers.size();
  loop_.io.restart();
  for (std::size_t i = 0; i < upstream.peers.size(); ++i) {
    const Peer& peer = upstream.peers[i];
    boost::asio::co_spawn(
        loop_.io,
        connect_to(loop_, peer, {upstream.connect_timeout, upstream.handshake_timeout}, preamble,
                   plain),
        [&, i](const std::exception_ptr&, Attempt attempt) {
          results[i] = result_of(std::move(attempt), upstream.peers[i]);
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
