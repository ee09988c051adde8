// UpstreamTrials: at the start, asks once each server behind whose name or certificate could stand
// in the way, and logs those that requests could not use: so that the operator hears of a wrong
// name or root before a phone does.
#pragma once

#include <stop_token>
#include <thread>

#include "proxy/logs/log.h"
#include "proxy/serving/serving_state.h"
#include "proxy/upstream/trial.h"

namespace chainmend::server {

class UpstreamTrials {
 public:
  // log must outlive it. Returns at once: a thread of its own waits for the servers.
  UpstreamTrials(serving::ServingStatePtr state, logs::Log& log);
  ~UpstreamTrials();  // gives up what is under way
  UpstreamTrials(const UpstreamTrials&) = delete;
  UpstreamTrials& operator=(const UpstreamTrials&) = delete;

 private:
  void run(const std::stop_token& stop);

  serving::ServingStatePtr state_;
  logs::Log& log_;
  upstream::Trial trial_;
  std::jthread thread_;  // last: uses all of the above
};

}  // namespace chainmend::server
