#include "proxy/server/upstream_watch.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <random>

#include "proxy/net/async_lookup.h"

namespace chainmend::server {

namespace asio = boost::asio;
using logs::Level;
using net::Clock;

namespace {

constexpr std::chrono::milliseconds kTick{50};
// Checks and lookups at a time: with very many servers some come later than they should.
constexpr std::size_t kMostUnderWay = 256;
constexpr std::chrono::seconds kLookupPatience{10};

std::uint64_t by_chance() {
  static thread_local std::mt19937_64 engine{std::random_device{}()};
  return engine();
}

std::chrono::sys_seconds today() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

bool is_name(const upstream::Server& server) {
  boost::system::error_code error;
  asio::ip::make_address(server.host(), error);
  return static_cast<bool>(error);
}

}  // namespace

struct UpstreamWatch::Check {
  Check(serving::ServingStatePtr its_state, const upstream::Upstream& its_upstream,
        const upstream::Peer& its_peer, upstream::Scopes its_scope)
      : state(std::move(its_state)),
        upstream(its_upstream),
        peer(its_peer),
        scope(its_scope),
        track(*upstream.health, Clock::now()) {}

  const serving::ServingStatePtr state;  // keeps what follows
  const upstream::Upstream& upstream;
  const upstream::Peer& peer;
  const upstream::Scopes scope;
  upstream::HealthTrack track;
  bool under_way = false;
  bool gone = false;  // from the configuration: the result of what is under way is of no use
};

struct UpstreamWatch::Name {
  std::shared_ptr<upstream::Server> server;
  std::string upstream;
  config::Dns terms;
  Clock::time_point due;
  bool under_way = false;
  bool failing = false;
};

UpstreamWatch::UpstreamWatch(logs::Log& log)
    : log_(log), thread_([this] {
        const auto work = asio::make_work_guard(loop_.io);
        loop_.io.run();
      }) {}

UpstreamWatch::~UpstreamWatch() {
  loop_.io.stop();
  thread_.join();
}

void UpstreamWatch::watch(serving::ServingStatePtr state, Terms names) {
  asio::post(loop_.io,
             [this, state = std::move(state), names = std::move(names)] { apply(state, names); });
}

void UpstreamWatch::add_checks(const serving::ServingStatePtr& state,
                               const upstream::Upstream& upstream,
                               std::map<Key, std::shared_ptr<Check>>& checks) {
  std::vector<upstream::Scopes> scopes;
  for (const config::ExchangeDirectory directory : upstream.health->directories) {
    scopes.push_back(upstream::scope_of(directory));
  }
  if (scopes.empty()) {
    scopes.push_back(upstream::kWhole);
  }
  for (const upstream::Peer& peer : upstream.peers) {
    for (const upstream::Scopes scope : scopes) {
      auto check = std::make_shared<Check>(state, upstream, peer, scope);
      const Key key{peer.server.get(), scope};
      const auto before = checks_.find(key);
      if (before != checks_.end() && *before->second->upstream.health == *upstream.health) {
        check->track.take_over(before->second->track);
      }
      checks[key] = std::move(check);
    }
  }
}

void UpstreamWatch::apply(const serving::ServingStatePtr& state, const Terms& terms) {
  std::map<Key, std::shared_ptr<Check>> checks;
  std::map<const upstream::Server*, std::shared_ptr<Name>> names;
  for (const auto& [name, upstream] : state->upstreams) {
    if (upstream->health) {
      add_checks(state, *upstream, checks);
    }
    for (const upstream::Peer& peer : upstream->peers) {
      if (is_name(*peer.server)) {
        auto& known = names[peer.server.get()];
        const auto before = names_.find(peer.server.get());
        known = before != names_.end() ? before->second : std::make_shared<Name>();
        known->server = peer.server;
        known->upstream = name;
        known->terms = terms.at(name);
        known->due = std::min(known->due, Clock::now() + known->terms.max_ttl);
      }
    }
  }
  for (auto& [key, check] : checks_) {
    check->gone = true;
    const auto after = checks.find(key);
    if (after == checks.end() || !after->second->track.known()) {
      check->peer.server->forget_check(key.second);
    }
  }
  checks_ = std::move(checks);
  names_ = std::move(names);
  if (!ticking_) {
    tick();
  }
}

void UpstreamWatch::tick() {
  const auto now = Clock::now();
  for (auto& [key, check] : checks_) {
    if (!check->under_way && check->track.due() <= now && under_way_ < kMostUnderWay) {
      check->under_way = true;
      check->track.begins(now, by_chance());
      asio::co_spawn(loop_.io, run(check), asio::detached);
    }
  }
  for (auto& [key, name] : names_) {
    if (!name->under_way && name->due <= now && under_way_ < kMostUnderWay) {
      name->under_way = true;
      asio::co_spawn(loop_.io, look_up(name), asio::detached);
    }
  }
  ticking_ = !checks_.empty() || !names_.empty();
  if (ticking_) {
    timer_.expires_after(kTick);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        tick();
      }
    });
  }
}

net::Task<void> UpstreamWatch::run(std::shared_ptr<Check> check) {
  ++under_way_;
  const upstream::CheckResult result =
      co_await upstream::check(loop_, check->upstream, check->peer, check->scope);
  --under_way_;
  check->under_way = false;
  if (!check->gone) {
    note(*check, result);
  }
}

void UpstreamWatch::note(Check& check, const upstream::CheckResult& result) {
  using Turn = upstream::HealthTrack::Turn;
  upstream::Server& server = *check.peer.server;
  const bool first = !check.track.known();
  const Turn turn = check.track.ended(result.ok());
  server.note_check({check.scope, check.track.well(), result.outcome, result.detail, today(), {}});
  if (turn == Turn::none) {
    if (first) {
      log_.event(Level::info, "server_up",
                 {{"upstream", check.upstream.name},
                  {"server", server.name()},
                  {"scope", upstream::name_of_scope(check.scope)}});
    }
    return;
  }
  server.set_well(check.scope, turn == Turn::up);
  if (turn == Turn::up) {
    check.upstream.common->line.call_all();
    log_.event(Level::info, "server_up",
               {{"upstream", check.upstream.name},
                {"server", server.name()},
                {"scope", upstream::name_of_scope(check.scope)}});
  } else {
    log_.event(Level::warn, "server_down",
               {{"upstream", check.upstream.name},
                {"server", server.name()},
                {"scope", upstream::name_of_scope(check.scope)},
                {"cause", to_string(result.outcome)},
                {"detail", result.detail}});
  }
}

// What is known stays when nobody answers; that is said once.
net::Task<void> UpstreamWatch::look_up(std::shared_ptr<Name> name) {
  ++under_way_;
  upstream::Server& server = *name->server;
  const auto found = co_await net::look_up_timed(loop_, server.host(), kLookupPatience);
  --under_way_;
  name->under_way = false;
  if (!found) {
    name->due = Clock::now() + name->terms.min_ttl;
    if (!std::exchange(name->failing, true)) {
      log_.event(Level::warn, "name_lookup_failed",
                 {{"upstream", name->upstream},
                  {"server", server.name()},
                  {"detail", found.error().describe()},
                  {"addresses_kept", server.addresses().all().size()}});
    }
    co_return;
  }
  name->failing = false;
  const std::chrono::milliseconds ttl = found->ttl ? *found->ttl : name->terms.min_ttl;
  name->due = Clock::now() +
              std::clamp<std::chrono::milliseconds>(ttl, name->terms.min_ttl, name->terms.max_ttl);
  const bool known = server.addresses().known();
  if (server.addresses().set(found->addresses) && known) {
    log_.event(Level::info, "server_addresses",
               {{"upstream", name->upstream},
                {"server", server.name()},
                {"addresses", found->addresses.size()}});
  }
}

}  // namespace chainmend::server
