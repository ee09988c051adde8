#include "proxy/session/admission.h"

#include <algorithm>
#include <utility>

namespace chainmend::session {

using metrics::CutReason;
using metrics::RejectReason;

namespace {

constexpr std::chrono::seconds kTellEvery{10};

const char* hint_for(RejectReason reason) {
  static constexpr enums::Array<const char*, RejectReason> kHints{{
      "process.max_connections are open, and none of them idles: raise it, or see in /metrics "
      "which listener has them",
      "raise the limit of open files (LimitNOFILE of a systemd unit, else ulimit -n)",
      "the max_connections of this listener are open, and none of them idles",
      "one network has limits.per_source open; name it in limits.exempt when many clients come "
      "from there",
      "one network opens more than limits.new_per_second; name it in limits.exempt when many "
      "clients come from there",
      "limits.handshakes are under way: the processors are busy with them, or clients hang in "
      "them",
  }};
  return kHints[reason];
}

const char* hint_for(CutReason reason) {
  static constexpr enums::Array<const char*, CutReason> kHints{{
      "idle connections make room for new ones: a limit on open connections is reached",
      "bodies come more slowly than limits.request_rate of the listener",
      "answers are taken more slowly than limits.answer_rate of the listener",
  }};
  return kHints[reason];
}

SourceTable::Rules rules_of(const serving::ServingState& state) {
  const config::Limits& limits = state.limits;
  return {limits.per_source.of(state.max_connections),
          static_cast<double>(limits.new_per_second.value_or(0)), static_cast<double>(limits.burst),
          limits.ipv4_prefix, limits.ipv6_prefix};
}

// A few are looked at, so that a newcomer costs a bounded time.
template <typename Fits>
bool make_room(WorkerContext& worker, const Fits& fits) {
  return worker.connections.end_longest_waiting(Waiting::idle, fits) ||
         worker.connections.end_longest_waiting(Waiting::silent, fits);
}

std::int64_t handshakes_of(const serving::ServingState& state) {
  std::int64_t sum = 0;
  for (const auto& listener : state.listeners) {
    sum += listener->metrics->handshakes_in_progress();
  }
  return sum;
}

}  // namespace

std::optional<RejectReason> Admission::admit(WorkerContext& worker, Accepted& accepted) {
  const serving::ServingState& state = *accepted.state;
  const serving::Listener& listener = accepted.listener;
  const auto turn_away = [&](RejectReason reason) {
    note(worker, listener, reason, &accepted);
    return std::optional(reason);
  };
  const auto made_room = [&](const auto& fits) {
    const bool made = make_room(worker, fits);
    if (made) {
      note(worker, listener, CutReason::idle, {});
    }
    return made;
  };
  const auto anyone = [](const Connection&) { return true; };
  if (short_of_descriptors(accepted) && !made_room(anyone)) {
    return turn_away(RejectReason::no_descriptors);
  }
  // This one is counted already.
  if (std::cmp_greater(open_.value(), state.max_connections) && !made_room(anyone)) {
    return turn_away(RejectReason::max_connections);
  }
  const auto of_listener = [&listener](const Connection& one) {
    return one.listener.metrics == listener.metrics;
  };
  if (listener.max_connections &&
      std::cmp_greater(listener.metrics->open_connections(), *listener.max_connections) &&
      !made_room(of_listener)) {
    return turn_away(RejectReason::listener_connections);
  }
  if (const auto refused = admit_source(worker, accepted)) {
    return refused;
  }
  const std::size_t handshakes = state.limits.handshakes.of(state.max_connections);
  if (listener.tls && handshakes != 0 && std::cmp_greater_equal(handshakes_of(state), handshakes) &&
      !worker.connections.end_longest_waiting(Waiting::silent, anyone)) {
    return turn_away(RejectReason::handshakes);
  }
  return std::nullopt;
}

std::optional<RejectReason> Admission::admit_source(WorkerContext& worker, Accepted& accepted) {
  const config::Address address = address_bytes(accepted.peer.address());
  const auto& exempt = accepted.state->limits.exempt;
  if (accepted.listener.trusts(address) ||
      std::ranges::any_of(exempt, [&](const auto& one) { return one.contains(address); })) {
    return std::nullopt;
  }
  const SourceTable::Rules rules = rules_of(*accepted.state);
  const auto answer = sources_.take(address, rules, net::Clock::now(), accepted.source);
  if (answer == SourceTable::Answer::taken) {
    return std::nullopt;
  }
  if (answer == SourceTable::Answer::too_many_open) {
    const bool made = make_room(worker, [&accepted](const Connection& one) {
      return one.source.same_source(accepted.source);
    });
    if (made) {
      note(worker, accepted.listener, CutReason::idle, {});
      return std::nullopt;
    }
  }
  const RejectReason reason = answer == SourceTable::Answer::too_fast ? RejectReason::new_per_second
                                                                      : RejectReason::per_source;
  note(worker, accepted.listener, reason, &accepted);
  return reason;
}

// The kernel gives the lowest number that is free. Some are left for servers, the admin listener
// and what a reload opens.
bool Admission::short_of_descriptors(const Accepted& accepted) const {
  const std::uint64_t kept = std::min<std::uint64_t>(64, descriptor_limit_ / 8);
  auto& socket = const_cast<net::Socket&>(accepted.socket);
  return descriptor_limit_ != 0 &&
         std::cmp_greater_equal(socket.native_handle(), descriptor_limit_ - kept);
}

void Admission::note(WorkerContext& worker, const serving::Listener& listener, RejectReason reason,
                     const Accepted* accepted) {
  listener.metrics->rejected(reason);
  if (const std::uint64_t count = rejects_told_[reason].due(net::Clock::now())) {
    std::string source;
    if (accepted != nullptr) {
      const SourceTable::Rules rules = rules_of(*accepted->state);
      source = SourceTable::source_of(address_bytes(accepted->peer.address()), rules).text();
    }
    worker.services.log.event(logs::Level::warn, "turned_away",
                              {{"limit", to_string(reason)},
                               {"listener", listener.name},
                               {"source", source},
                               {"count", count},
                               {"hint", hint_for(reason)}});
  }
}

void Admission::note(WorkerContext& worker, const serving::Listener& listener, CutReason reason,
                     std::string_view peer) {
  listener.metrics->cut(reason);
  if (const std::uint64_t count = cuts_told_[reason].due(net::Clock::now())) {
    worker.services.log.event(logs::Level::warn, "cut",
                              {{"limit", to_string(reason)},
                               {"listener", listener.name},
                               {"peer", peer},
                               {"count", count},
                               {"hint", hint_for(reason)}});
  }
}

std::uint64_t Admission::Told::due(net::Clock::time_point now) {
  count.fetch_add(1, std::memory_order_relaxed);
  net::Clock::rep expected = next.load(std::memory_order_relaxed);
  const net::Clock::rep at = now.time_since_epoch().count();
  const net::Clock::rep later =
      at + std::chrono::duration_cast<net::Clock::duration>(kTellEvery).count();
  if (at < expected || !next.compare_exchange_strong(expected, later, std::memory_order_relaxed)) {
    return 0;
  }
  return count.exchange(0, std::memory_order_relaxed);
}

}  // namespace chainmend::session
