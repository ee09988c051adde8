// UpstreamWatch: what is known of servers without a request: health checks, and where their names
// lead. One thread of its own for all workers; what it finds out it writes into the servers, where
// the workers' next choice sees it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "proxy/logs/log.h"
#include "proxy/net/loop.h"
#include "proxy/serving/serving_state.h"
#include "proxy/upstream/check.h"
#include "proxy/upstream/health.h"

namespace chainmend::server {

class UpstreamWatch {
 public:
  // log must outlive it.
  explicit UpstreamWatch(logs::Log& log);
  ~UpstreamWatch();  // gives up what is under way
  UpstreamWatch(const UpstreamWatch&) = delete;
  UpstreamWatch& operator=(const UpstreamWatch&) = delete;

  // How long addresses hold, by upstream.
  using Terms = std::map<std::string, config::Dns>;

  // From now on the servers of this state. Checks whose server and terms are the same go on; what
  // is known by checks that are gone is forgotten. names: of each of its upstreams. From any
  // thread.
  void watch(serving::ServingStatePtr state, Terms names);

 private:
  struct Check;
  struct Name;
  using Key = std::pair<const upstream::Server*, upstream::Scopes>;

  void apply(const serving::ServingStatePtr& state, const Terms& terms);
  void add_checks(const serving::ServingStatePtr& state, const upstream::Upstream& upstream,
                  std::map<Key, std::shared_ptr<Check>>& checks);
  void tick();
  net::Task<void> run(std::shared_ptr<Check> check);
  net::Task<void> look_up(std::shared_ptr<Name> name);
  void note(Check& check, const upstream::CheckResult& result);

  logs::Log& log_;
  std::map<Key, std::shared_ptr<Check>> checks_;
  std::map<const upstream::Server*, std::shared_ptr<Name>> names_;
  std::size_t under_way_ = 0;
  bool ticking_ = false;
  net::Loop loop_;
  net::Timer timer_{loop_.io};
  std::thread thread_;  // last: uses all of the above
};

}  // namespace chainmend::server
