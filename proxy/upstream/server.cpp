#include "proxy/upstream/server.h"

#include <algorithm>

#include "proxy/upstream/balance.h"

namespace chainmend::upstream {

namespace {

constexpr std::uint32_t kWholeShare = 100;
constexpr std::uint32_t kLeastShare = 5;

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// FNV-1a: where a source is sent must not depend on the library that hashes.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return mix(hash);
}

}  // namespace

Use::~Use() {
  if (server_ != nullptr) {
    server_->in_use_.fetch_sub(1);  // see WaitingLine::size()
  }
}

Server::Server(Address address, metrics::UpstreamServerMetrics& metrics)
    : address_(std::move(address)), id_(hash_of(address_.name)), metrics_(metrics) {}

// Nobody names it any more: what it is like is not shown either.
Server::~Server() { metrics_.forget_state(); }

void Server::succeeded() {
  const std::int64_t at = now().time_since_epoch().count();
  // Workers share this cache line: it is written once a second, not once a request.
  if (succeeded_at_.load(std::memory_order_relaxed) != at) {
    succeeded_at_.store(at, std::memory_order_relaxed);
  }
  if (in_row_.load(std::memory_order_relaxed) != 0) {
    in_row_.store(0, std::memory_order_relaxed);
  }
}

std::uint32_t Server::failed(metrics::UpstreamFailure reason, std::string_view text) {
  metrics_.failure(reason);
  {
    const std::scoped_lock lock(mutex_);
    last_failure_ = Failure{now(), reason, std::string(text)};
  }
  return in_row_.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::optional<std::chrono::sys_seconds> Server::last_success() const {
  const std::int64_t at = succeeded_at_.load(std::memory_order_relaxed);
  return at == 0 ? std::nullopt : std::optional(std::chrono::sys_seconds(std::chrono::seconds(at)));
}

std::optional<Server::Failure> Server::last_failure() const {
  const std::scoped_lock lock(mutex_);
  return last_failure_;
}

Use Server::use(std::uint32_t most) {
  // With a limit, only by those who find a free one: a try that is taken back would hide it from
  // others for a moment.
  std::uint32_t used = in_use_.load();
  do {
    if (most != 0 && used >= most) {
      return {};
    }
  } while (!in_use_.compare_exchange_weak(used, used + 1));
  return Use(*this);
}

void Server::set_wanted(Wanted wanted) {
  const Wanted before = wanted_.exchange(wanted, std::memory_order_relaxed);
  if (wanted == Wanted::enabled && before != Wanted::enabled) {
    start_slowly(Clock::now());
  }
}

void Server::set_well(Scopes scope, bool well) {
  if (!well) {
    ailing_.fetch_or(scope, std::memory_order_relaxed);
  } else if ((ailing_.fetch_and(~scope, std::memory_order_relaxed) & scope) != 0) {
    start_slowly(Clock::now());
  }
}

void Server::note_leaf(const certs::Sha256& fingerprint) {
  const std::scoped_lock lock(mutex_);
  leaf_ = fingerprint;
}

std::optional<certs::Sha256> Server::leaf() const {
  const std::scoped_lock lock(mutex_);
  return leaf_;
}

void Server::note_check(CheckState state) {
  metrics_.checked(state.outcome);
  const std::scoped_lock lock(mutex_);
  const auto known = std::ranges::find(checks_, state.scope, &CheckState::scope);
  if (known == checks_.end()) {
    state.since = state.at;
    checks_.push_back(std::move(state));
    return;
  }
  state.since = known->well == state.well ? known->since : state.at;
  *known = std::move(state);
}

std::vector<CheckState> Server::checks() const {
  const std::scoped_lock lock(mutex_);
  return checks_;
}

void Server::forget_check(Scopes scope) {
  set_well(scope, true);
  const std::scoped_lock lock(mutex_);
  std::erase_if(checks_, [scope](const CheckState& state) { return state.scope == scope; });
}

void Server::start_slowly(Clock::time_point now) {
  back_since_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

void Server::eject(Clock::time_point until, std::uint32_t failures) {
  in_row_.store(failures - 1, std::memory_order_relaxed);
  ejected_until_.store(until.time_since_epoch().count(), std::memory_order_relaxed);
}

std::uint32_t Server::note_ejection(Clock::time_point now, Clock::duration calm) {
  const bool was_calm = now.time_since_epoch() >= ejected_until() + calm;
  if (was_calm) {
    ejections_.store(0, std::memory_order_relaxed);
  }
  return ejections_.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::uint32_t Server::share(Clock::time_point now, Clock::duration slow_start) const {
  const Clock::duration back =
      std::max(Clock::duration(back_since_.load(std::memory_order_relaxed)), ejected_until());
  const Clock::duration for_how_long = now.time_since_epoch() - back;
  if (back == Clock::duration::zero() || for_how_long >= slow_start) {
    return kWholeShare;
  }
  const auto hundredths =
      for_how_long < Clock::duration::zero() ? 0 : for_how_long * kWholeShare / slow_start;
  return std::max(kLeastShare, static_cast<std::uint32_t>(hundredths));
}

}  // namespace chainmend::upstream
