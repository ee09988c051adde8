// Choice: the servers that are asked for one request, one after the other until one takes it. Looks
// at how each stands now (Server), and lets balance.h say which. Lives on its worker's thread, for
// as long as the request looks for a server.
#pragma once

#include <bitset>
#include <cstdint>

#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

// For whom a server is chosen, as far as it matters.
struct Asker {
  std::uint64_t source = 0;  // hash of the client's address
  Scopes scopes = kWhole;    // what the request concerns
};

// A server that was chosen, and a place at it.
struct Claim {
  const Peer* peer = nullptr;  // null: there is none
  Use use = {};
  bool all_full = false;  // then: there would be, but all have the connections that they may have
};

class Choice {
 public:
  // upstream must outlive it. asked: one of its peers that was chosen before; null: none was.
  Choice(const Upstream& upstream, const Asker& asker, const Peer* asked = nullptr)
      : upstream_(upstream), asker_(asker) {
    if (asked != nullptr) {
      note(*asked);
    }
  }

  // One of the servers that were not asked yet.
  Claim next();
  // The server that the asker belongs to, if it still serves those.
  Claim back_to(const Peer& peer);

  const Upstream& upstream() const { return upstream_; }

 private:
  void note(const Peer& asked) {
    asked_.set(static_cast<std::size_t>(&asked - upstream_.peers.data()));
  }

  const Upstream& upstream_;
  const Asker asker_;
  std::bitset<config::kMostServers> asked_;
};

// A request failed there; where failures eject and this one is the last that was missing, ejects
// the server. Returns for how long; zero: it was not.
std::chrono::milliseconds blame(const Upstream& upstream, const Peer& peer,
                                metrics::UpstreamFailure reason, std::string_view text,
                                Server::Clock::time_point now = Server::Clock::now());

// What a server of this upstream is for metrics and people.
metrics::ServerState state_of(const Server& server, Server::Clock::time_point now);

}  // namespace chainmend::upstream
