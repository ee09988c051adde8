#include "proxy/upstream/choice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/upstream/balance.h"

namespace chainmend::upstream {

namespace {

using Clock = Server::Clock;

// How many times others may be faster before it is given up: each time somebody got a server.
constexpr int kTries = 64;

// Numbers that need not be secret. Per thread, so that workers do not share them.
std::uint64_t next_random() {
  thread_local std::uint64_t state =
      mix(static_cast<std::uint64_t>(Clock::now().time_since_epoch().count()) ^
          reinterpret_cast<std::uintptr_t>(&state));
  state += 2;
  return state;
}

Standing stand(const Upstream& upstream, const Peer& peer, const Asker& asker,
               Clock::time_point now) {
  const Server& server = *peer.server;
  Standing standing;
  standing.open = server.takes_new(asker.scopes, now);
  standing.weight = peer.weight * server.share(now, upstream.slow_start());
  standing.priority = peer.priority;
  standing.in_use = server.in_use();
  standing.id = server.id();
  standing.tag = server.tag();
  return standing;
}

bool is_full(const Peer& peer, const Standing& standing) {
  return peer.max_connections != 0 && standing.in_use >= peer.max_connections;
}

// When none is open: the enabled one that failed least.
std::size_t least_bad(const Upstream& upstream, const std::bitset<config::kMostServers>& asked) {
  std::size_t best = kNobody;
  for (std::size_t i = 0; i < upstream.peers.size(); ++i) {
    const Server& server = *upstream.peers[i].server;
    const auto badness = [](const Server& one) {
      return std::pair(one.failures_in_row(), one.in_use());
    };
    if (!asked[i] && server.wanted() == Wanted::enabled &&
        (best == kNobody || badness(server) < badness(*upstream.peers[best].server))) {
      best = i;
    }
  }
  return best;
}

std::size_t choose(const Upstream& upstream, Standings standings, const Asker& asker) {
  switch (upstream.balance.method) {
    case config::BalanceMethod::round_robin:
      break;
    case config::BalanceMethod::least_connections:
      return by_load(standings, next_random());
    case config::BalanceMethod::source:
      return by_source(standings, asker.source);
  }
  return by_turn(standings, upstream.common->turn());
}

// Notes that it is the turn of this server; false: it was somebody else's.
bool note_turn(const Upstream& upstream, Server& server, const Standing& standing) {
  if (upstream.balance.method != config::BalanceMethod::round_robin) {
    return true;
  }
  const std::uint64_t tag = tag_of(standing, upstream.common->turn());
  if (!server.take_turn(standing.tag, tag + step_of(standing))) {
    return false;
  }
  upstream.common->set_turn(tag);
  return true;
}

}  // namespace

Claim Choice::next() {
  const auto now = Clock::now();
  // Filled as far as there are servers, on the stack: this is once per connection or request.
  std::array<Standing, config::kMostServers> all;  // NOLINT(*-member-init)
  const std::size_t count = std::min(upstream_.peers.size(), all.size());
  const std::span<Standing> standings(all.data(), count);
  bool full = false;
  for (int tries = 0; tries < kTries; ++tries) {
    full = false;
    for (std::size_t i = 0; i < count; ++i) {
      const Peer& peer = upstream_.peers[i];
      standings[i] = stand(upstream_, peer, asker_, now);
      const bool has_room = !is_full(peer, standings[i]);
      full = full || (standings[i].open && !asked_[i] && !has_room);
      standings[i].open = standings[i].open && !asked_[i] && has_room;
    }
    keep_priorities(standings, upstream_.balance.min_in_priority);
    std::size_t chosen = choose(upstream_, standings, asker_);
    const bool desperate =
        chosen == kNobody && !full && upstream_.all_down == config::AllDown::least_bad;
    if (desperate) {
      chosen = least_bad(upstream_, asked_);
    }
    if (chosen == kNobody) {
      return {.all_full = full};
    }
    const Peer& peer = upstream_.peers[chosen];
    if (!desperate && !note_turn(upstream_, *peer.server, standings[chosen])) {
      continue;
    }
    if (Use use = peer.server->use(peer.max_connections)) {
      note(peer);
      return {&peer, std::move(use)};
    }
    if (desperate) {
      return {.all_full = true};
    }
  }
  return {.all_full = true};
}

Claim Choice::back_to(const Peer& peer) {
  if (!peer.server->serves(asker_.scopes, Clock::now())) {
    return {};
  }
  Use use = peer.server->use(peer.max_connections);
  if (!use) {
    return {.all_full = true};
  }
  note(peer);
  return {&peer, std::move(use)};
}

std::chrono::milliseconds blame(const Upstream& upstream, const Peer& peer,
                                metrics::UpstreamFailure reason, std::string_view text,
                                Clock::time_point now) {
  Server& server = *peer.server;
  const std::uint32_t in_row = server.failed(reason, text);
  if (!upstream.eject || in_row < upstream.eject->failures || server.ejected(now)) {
    return {};
  }
  const config::Eject& terms = *upstream.eject;
  const auto out = static_cast<std::size_t>(std::ranges::count_if(
      upstream.peers, [&](const Peer& one) { return one.server->ejected(now); }));
  const std::size_t all = upstream.peers.size();
  // One goes also where its part is more than at_most, as long as one is left.
  const bool too_many = out > 0 && (out + 1) * 100 > terms.at_most * all;
  if (out + 1 >= all || too_many) {
    return {};
  }
  const std::uint32_t times = server.note_ejection(now, terms.longest);
  const auto doubled = terms.base * (std::int64_t{1} << std::min<std::uint32_t>(times - 1, 20));
  const auto lasts = std::min<std::chrono::milliseconds>(doubled, terms.longest);
  server.eject(now + lasts, static_cast<std::uint32_t>(terms.failures));
  server.counts().ejected();
  return lasts;
}

metrics::ServerState state_of(const Server& server, Clock::time_point now) {
  using metrics::ServerState;
  switch (server.wanted()) {
    case Wanted::enabled:
      break;
    case Wanted::draining:
      return ServerState::draining;
    case Wanted::disabled:
      return ServerState::disabled;
  }
  if (server.ailing() != 0) {
    return ServerState::down;
  }
  return server.ejected(now) ? ServerState::ejected : ServerState::up;
}

}  // namespace chainmend::upstream
