#include "proxy/diagnose/measure/measure.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace chainmend::diagnose {
namespace {

using Clock = std::chrono::steady_clock;

// The attempts of all rows in turns, shared by the threads that make them.
class Run {
 public:
  Run(std::vector<Measured>& rows, const Pace& pace, std::stop_token stop,
      const std::function<void(const Progress&)>& progress)
      : rows_(rows), pace_(pace), stop_(std::move(stop)), report_(progress) {
    // In turns, so that what happens meanwhile hits all rows alike.
    for (std::size_t turn = 0, size = 0; turn == 0 || size != round_.size(); ++turn) {
      size = round_.size();
      for (std::size_t row = 0; row < rows.size(); ++row) {
        if (turn < rows[row].share) {
          round_.push_back(row);
        }
      }
    }
    if (!pace.duration) {
      progress_.planned = round_.size() * pace.count;
    }
  }

  void work() {
    while (const std::optional<std::size_t> row = wait_for_turn()) {
      const Attempt attempt = rows_[*row].attempt({Clock::now() + pace_.timeout, stop_});
      const std::lock_guard lock(mutex_);
      if (stop_.stop_requested() && !attempt.succeeded()) {
        return;  // cut off: the server did not fail
      }
      rows_[*row].row.add(attempt);
      ++progress_.done;
      progress_.failed += attempt.succeeded() ? 0 : 1;
      if (report_) {
        report_(progress_);
      }
    }
  }

 private:
  // The row whose turn it is, at the time that the rate allows; nothing: that was all.
  std::optional<std::size_t> wait_for_turn() {
    std::unique_lock lock(mutex_);
    const Clock::time_point at = std::max(next_at_, Clock::now());
    const bool more = pace_.duration ? at - started_ < *pace_.duration : begun_ < progress_.planned;
    if (!more || stop_.stop_requested()) {
      return std::nullopt;
    }
    const std::size_t row = round_[begun_++ % round_.size()];
    next_at_ = at + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(1 / pace_.rate));
    // Nobody notifies: the time comes, or the stop.
    std::condition_variable_any().wait_until(lock, stop_, at, [] { return false; });
    return stop_.stop_requested() ? std::nullopt : std::optional(row);
  }

  std::vector<Measured>& rows_;
  std::vector<std::size_t> round_;  // the row of each attempt of a round
  const Pace& pace_;
  const std::stop_token stop_;
  const std::function<void(const Progress&)>& report_;
  const Clock::time_point started_ = Clock::now();
  std::mutex mutex_;  // guards what follows, and the rows
  Clock::time_point next_at_ = started_;
  std::size_t begun_ = 0;
  Progress progress_;
};

}  // namespace

Rate Row::success() const {
  const std::uint64_t good = outcomes[tls::Outcome::full] + outcomes[tls::Outcome::resumed];
  return {good, good + outcomes[tls::Outcome::failed]};
}

void Row::add(const Attempt& attempt) {
  ++outcomes[attempt.outcome];
  if (attempt.connected_after) {
    connect.add(*attempt.connected_after);
  }
  if (!attempt.succeeded()) {
    Failures& of_reason = failures[attempt.reason];
    if (of_reason.count++ == 0) {
      of_reason.example = attempt.detail;
    }
    return;
  }
  ++negotiated[{attempt.version, attempt.suite}];
  if (attempt.handshake) {
    handshake.add(*attempt.handshake);
  }
  completed += attempt.completed ? 1 : 0;
  if (attempt.offered_session) {
    ++resumption.attempts;
    resumption.successes += attempt.outcome == tls::Outcome::resumed ? 1 : 0;
  }
  if (depends.empty()) {
    depends = attempt.detail;
  }
}

void measure(std::vector<Measured>& rows, const Pace& pace, const std::stop_token& stop,
             const std::function<void(const Progress&)>& progress) {
  if (rows.empty()) {
    return;
  }
  Run run(rows, pace, stop, progress);
  std::vector<std::jthread> threads;
  threads.reserve(pace.concurrency);
  for (std::size_t i = 0; i < pace.concurrency; ++i) {
    threads.emplace_back([&run] { run.work(); });
  }
}

}  // namespace chainmend::diagnose
