#include "proxy/session/upstream_link.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "proxy/upstream/balance.h"

namespace chainmend::session {

using metrics::UpstreamFailure;

namespace {

void log_failure(const Connection& connection, const upstream::Upstream& upstream,
                 const upstream::ConnectFailure& failure) {
  logs::Log& log = connection.worker.services.log;
  const std::string& server = failure.peer->server->name();
  log.event(logs::Level::warn, "upstream_failed",
            {{"conn", connection.id},
             {"listener", connection.listener.name},
             {"upstream", upstream.name},
             {"server", server},
             {"cause", to_string(failure.reason)},
             {"detail", failure.text}});
  if (failure.ejected_for.count() > 0) {
    log.event(
        logs::Level::warn, "server_ejected",
        {{"upstream", upstream.name},
         {"server", server},
         {"for_s", failure.ejected_for.count() / 1000},
         {"hint", "it failed upstreams." + upstream.name + ".eject.failures times in a row"}});
  }
}

std::chrono::seconds since_start(net::Clock::time_point now) {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
}

// What the client is told: the last server that was asked speaks for all, but for names that lead
// nowhere.
LinkFailure for_client(std::span<const upstream::ConnectFailure> failures) {
  if (std::ranges::all_of(failures, &upstream::ConnectFailure::unresolved)) {
    return {503, "There is no server behind this proxy now"};
  }
  const upstream::ConnectFailure& last = failures.back();
  if (last.reason == UpstreamFailure::timeout) {
    return {504, "The server behind this proxy did not answer in time"};
  }
  if (last.untrusted) {
    return {502, "The server behind this proxy is not trusted"};
  }
  return {502, "The server behind this proxy cannot be reached"};
}

// Looks now and then whether the client is still there that waits in line, and ends the wait when
// it is not.
class Companion {
 public:
  Companion(Connection& connection, upstream::WaitingLine::Place& place)
      : client_(connection.client),
        place_(place),
        next_(connection.worker.loop.deadlines, &Companion::look, this) {
    next_.expires_after(kLookEvery);
  }
  bool gone() const { return gone_; }

 private:
  static constexpr std::chrono::seconds kLookEvery{1};

  static void look(void* self) {
    auto& companion = *static_cast<Companion*>(self);
    companion.gone_ = companion.client_.peer_gone();
    if (companion.gone_) {
      companion.place_.give_up();
    } else {
      companion.next_.expires_after(kLookEvery);
    }
  }

  net::Stream& client_;
  upstream::WaitingLine::Place& place_;
  net::Deadline next_;
  bool gone_ = false;
};

}  // namespace

std::uint64_t UpstreamLink::source() const {
  std::uint64_t hash = 0;
  const config::Address address = address_bytes(connection_.peer.address());
  for (const std::size_t half : {std::size_t{0}, std::size_t{8}}) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &address[half], sizeof bits);
    hash = upstream::mix(hash ^ bits);
  }
  return hash;
}

const upstream::Peer* UpstreamLink::home(const upstream::Upstream& upstream,
                                         const Asked& asked) const {
  if (const upstream::Peer* peer = upstream.peer_of_cookie(asked.cookie)) {
    return peer;
  }
  if (upstream.sources) {
    const std::uint32_t known =
        upstream.sources->find(source(), since_start(net::Clock::now()), upstream.sources_timeout);
    if (const upstream::Peer* peer = known == 0 ? nullptr : upstream.peer_of_short_id(known)) {
      return peer;
    }
  }
  const bool stays = upstream.balance.per == config::BalancePer::connection;
  return stays && upstream_ == &upstream ? peer_ : nullptr;
}

upstream::Claim UpstreamLink::claim(upstream::Choice& choice, const Asked& asked) {
  const upstream::Upstream& upstream = choice.upstream();
  moved_ = false;
  if (const upstream::Peer* peer = home(upstream, asked)) {
    upstream::Claim claim = choice.back_to(*peer);
    if (claim.peer != nullptr) {
      return claim;
    }
  }
  moved_ = true;
  if (upstream.common->line.size() > 0) {
    return {.all_full = true};  // whoever waits was here before
  }
  return choice.next();
}

bool UpstreamLink::reuse(const upstream::Upstream& upstream, const Asked& asked) {
  if (is_open_to(upstream)) {
    reused_ = true;
    return fit();
  }
  give_back();
  close();
  upstream::Choice choice(upstream, {source(), asked.scopes});
  claim_ = claim(choice, asked);
  upstream_ = &upstream;
  peer_ = claim_.peer;
  return take_from_pool();
}

bool UpstreamLink::take_from_pool() {
  if (claim_.peer == nullptr) {
    return false;
  }
  std::optional<upstream::Pooled> pooled = connection_.worker.pool.take(*claim_.peer);
  if (pooled) {
    take_over(std::move(claim_), std::move(pooled->stream), pooled->connected_at, true);
  }
  return pooled.has_value();
}

net::Task<LinkFailure> UpstreamLink::open(const upstream::Upstream& upstream,
                                          const serving::Timeouts& timeouts, const Asked& asked,
                                          bool plain) {
  upstream::Claim first;
  if (upstream_ == &upstream && !stream_) {
    first = std::exchange(claim_, {});  // reuse() has chosen
  }
  close();
  upstream::Choice choice(upstream, {source(), asked.scopes}, first.peer);
  if (first.peer == nullptr) {
    first = claim(choice, asked);
  }
  if (first.peer == nullptr && first.all_full) {
    LinkFailure failure;
    first = co_await wait_in_line(choice, failure);
    if (failure.status != 0) {
      co_return failure;
    }
    upstream_ = &upstream;
    claim_ = std::move(first);
    if (take_from_pool()) {  // what was given back is mostly what was waited for
      co_return LinkFailure{};
    }
    first = std::exchange(claim_, {});
  }
  upstream_ = &upstream;
  peer_ = first.peer;
  if (first.peer == nullptr) {
    co_return refuse(upstream, metrics::Refusal::all_down);
  }
  const LinkFailure failure = co_await connect(choice, std::move(first), timeouts, plain);
  co_return failure;
}

net::Task<LinkFailure> UpstreamLink::connect(upstream::Choice& choice, upstream::Claim first,
                                             const serving::Timeouts& timeouts, bool plain) {
  const upstream::Upstream& upstream = choice.upstream();
  std::string preamble;
  net::append_proxy_header(upstream.proxy_header, {connection_.peer, connection_.local()},
                           preamble);
  upstream::Connected connected =
      co_await upstream::connect(connection_.worker.loop, choice, std::move(first),
                                 {timeouts.connect, timeouts.handshake, preamble, plain});
  for (const auto& failure : connected.failures) {
    log_failure(connection_, upstream, failure);
  }
  if (connected.claim.peer == nullptr) {
    co_return for_client(connected.failures);
  }
  times_ = connected.times;
  moved_ = moved_ || !connected.failures.empty();
  take_over(std::move(connected.claim), std::move(*connected.stream), net::Clock::now(), false);
  co_return LinkFailure{};
}

// False: the client left. Its place is for those who are still there.
net::Task<bool> UpstreamLink::wait_with_client(upstream::WaitingLine::Place& place,
                                               net::Clock::time_point until) {
  Companion companion(connection_, place);
  co_await place.wait(until);
  co_return !companion.gone();
}

net::Task<upstream::Claim> UpstreamLink::wait_in_line(upstream::Choice& choice,
                                                      LinkFailure& failure) {
  const upstream::Upstream& upstream = choice.upstream();
  const auto until = net::Clock::now() + upstream.queue.timeout;
  const metrics::Held waits = upstream.common->metrics.waits();
  for (bool again = false;; again = true) {
    upstream::WaitingLine::Place place(upstream.common->line, connection_.worker.loop,
                                       upstream.queue.length, again);
    if (!place.given()) {
      failure = refuse(upstream, metrics::Refusal::queue_full);
      co_return upstream::Claim();
    }
    // What became free before we stood in line was not called out.
    upstream::Claim claim = choice.next();
    if (claim.peer == nullptr && claim.all_full) {
      const bool stayed = co_await wait_with_client(place, until);
      if (!place.leave()) {
        failure = stayed ? refuse(upstream, metrics::Refusal::queue_timeout)
                         : LinkFailure{.status = 503, .client_gone = true};
        co_return upstream::Claim();
      }
      claim = choice.next();
    }
    if (claim.peer != nullptr || !claim.all_full) {
      co_return claim;
    }
  }
}

// What no server can be given is said once a second, and counted each time.
LinkFailure UpstreamLink::refuse(const upstream::Upstream& upstream, metrics::Refusal why) {
  upstream.common->metrics.refused(why);
  if (upstream.common->may_complain(net::Clock::now())) {
    connection_.worker.services.log.event(logs::Level::warn, "upstream_unavailable",
                                          {{"conn", connection_.id},
                                           {"listener", connection_.listener.name},
                                           {"upstream", upstream.name},
                                           {"cause", to_string(why)}});
  }
  const bool down = why == metrics::Refusal::all_down;
  return {503,
          down ? "No server behind this proxy is fit to be asked now"
               : "The servers behind this proxy have all they can do now",
          down ? upstream.retry_after()
               : std::max(std::chrono::seconds(1),
                          std::chrono::ceil<std::chrono::seconds>(upstream.queue.timeout))};
}

void UpstreamLink::take_over(upstream::Claim claim, net::Stream stream,
                             net::Clock::time_point connected_at, bool reused) {
  claim_ = std::move(claim);
  peer_ = claim_.peer;
  stream_.emplace(std::move(stream));
  connected_at_ = connected_at;
  reused_ = reused;
  held_ = peer_->server->connection(metrics::UpstreamState::active);
  connection_.upstream = &*stream_;
  if (moved_ && upstream_->sources) {
    upstream_->sources->put(source(), upstream::SourceTable::short_id(peer_->server->id()),
                            since_start(net::Clock::now()));
  }
}

void UpstreamLink::leave_server() {
  if (claim_.use) {
    claim_ = {};
    upstream_->common->line.call_next();
  }
}

void UpstreamLink::give_back() {
  if (stream_ && !pinned_ && !private_ && upstream_->pools() && !connection_.draining()) {
    connection_.upstream = nullptr;
    connection_.worker.pool.put(upstream_->keep_alive, *peer_,
                                {std::move(*stream_), connected_at_});
    stream_.reset();
    held_ = {};
    leave_server();
  }
}

void UpstreamLink::close() {
  connection_.upstream = nullptr;
  if (stream_) {
    stream_->close();
    stream_.reset();
  }
  held_ = {};
  pinned_ = bound_ = private_ = false;
  leave_server();
}

void UpstreamLink::pin() {
  if (!pinned_) {
    pinned_ = true;
    held_ = peer_->server->connection(metrics::UpstreamState::pinned);
  }
}

void UpstreamLink::bind() {
  pin();
  bound_ = true;
}

void UpstreamLink::report_failure(UpstreamFailure reason, std::string_view text) {
  upstream::ConnectFailure failure{.peer = peer_, .reason = reason, .text = std::string(text)};
  failure.ejected_for = upstream::blame(*upstream_, *peer_, reason, text);
  log_failure(connection_, *upstream_, failure);
}

}  // namespace chainmend::session
