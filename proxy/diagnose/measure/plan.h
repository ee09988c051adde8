// Plan: which rows a measurement has. Resolves the targets, finds the address of each that answers,
// and makes a row for each client, or for each type of recorded client.
#pragma once

#include <chrono>
#include <deque>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "proxy/diagnose/measure/attempt.h"
#include "proxy/diagnose/measure/measure.h"
#include "proxy/diagnose/measure/recorded_hellos.h"
#include "proxy/diagnose/probe/probe.h"
#include "proxy/diagnose/probe/target.h"

namespace chainmend::diagnose {

class Plan {
 public:
  // judge must outlive this. timeout: for resolving a name, and for each connection.
  Plan(ListJudge& judge, std::chrono::milliseconds timeout, std::stop_token stop)
      : judge_(judge), timeout_(timeout), stop_(std::move(stop)) {}
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  // Rows for the stacks of options, at the first address of the target that answers, or at each.
  // Of the options, connect, all_addresses, server_name and stacks are looked at.
  void add(const Target& target, const ProbeOptions& options);
  // Rows for recorded hellos instead, one for each type of client. They are replayed as they are.
  void add(const Target& target, const ProbeOptions& options, const RecordedHellos& recorded);

  std::vector<Measured>& rows() { return rows_; }
  // Targets without a row, and why.
  const std::vector<std::pair<std::string, std::string>>& unreachable() const {
    return unreachable_;
  }

 private:
  std::vector<boost::asio::ip::tcp::endpoint> endpoints(const Target& target,
                                                        const ProbeOptions& options);
  Patience patience() const;

  ListJudge& judge_;
  std::chrono::milliseconds timeout_;
  std::stop_token stop_;
  std::deque<MeasuredClient> clients_;  // that attempts of the rows are made by
  std::vector<Measured> rows_;
  std::vector<std::pair<std::string, std::string>> unreachable_;
};

}  // namespace chainmend::diagnose
