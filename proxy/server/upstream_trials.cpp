#include "proxy/server/upstream_trials.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>

namespace chainmend::server {

namespace {

// A plain server at an address can only be down, which the first request tells as well.
bool may_mislead(const upstream::Peer& peer) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(peer.server->host(), no_address);
  return peer.tls != nullptr || no_address;
}

}  // namespace

UpstreamTrials::UpstreamTrials(serving::ServingStatePtr state, logs::Log& log)
    : state_(std::move(state)),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

UpstreamTrials::~UpstreamTrials() {
  thread_.request_stop();
  trial_.stop();
}

void UpstreamTrials::run(const std::stop_token& stop) {
  for (const auto& [name, upstream] : state_->upstreams) {
    upstream::Upstream asked = *upstream;
    std::erase_if(asked.peers, [](const upstream::Peer& peer) { return !may_mislead(peer); });
    if (asked.peers.empty()) {
      continue;
    }
    for (upstream::Peer& peer : asked.peers) {
      peer.tls = peer.tls ? upstream->foreseeing_tls : nullptr;
    }
    const auto answers = trial_.run(asked, !state_->takes_requests(*upstream));
    if (stop.stop_requested()) {
      return;
    }
    for (const upstream::TrialResult& answer : answers) {
      if (!answer.accepted) {
        log_.event(logs::Level::warn, "upstream_unusable",
                   {{"upstream", name},
                    {"server", answer.server},
                    {"cause", metrics::to_string(answer.reason)},
                    {"detail", answer.text}});
      }
    }
  }
}

}  // namespace chainmend::server
