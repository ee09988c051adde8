// AiaDownloads: what AIA URLs answered, asked for as seldom as possible. One download per URL at a
// time, however many wait for it; an answer, good or bad, is remembered for five minutes, a bad one
// for longer each time it is bad again.
//
// Lives as long as the process, so that reloads do not forget; thread-safe. Certificates that
// strangers supply (those of upstreams) get an object of their own: what they make us ask must not
// push out or colour what our own need.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"
#include "certs/fetcher.h"

namespace chainmend::certs {

class AiaDownloads {
 public:
  using Answer = std::shared_ptr<const Result<std::vector<CertificatePtr>>>;
  using SteadyTime = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kRemember{300};
  static constexpr std::chrono::seconds kRememberBadAtMost{3600};
  static constexpr std::size_t kMaxRemembered = 1024;
  static constexpr std::size_t kMaxRememberedBytes = std::size_t{4} * 1024 * 1024;  // of DER

  // fetcher must be thread-safe and outlive this object.
  AiaDownloads(Fetcher& fetcher, FetchLimits limits,
               std::function<SteadyTime()> clock = &std::chrono::steady_clock::now);

  // Waits for the network unless the answer is remembered. Never null; errors are those of Fetcher
  // and read_aia_body, with `where` set.
  Answer get(const std::string& url);

 private:
  struct Entry {
    std::shared_future<Answer> answer;
    bool under_way = true;
    int failures = 0;  // in a row
    std::size_t bytes = 0;
    SteadyTime asked_at, ask_again_at;
  };

  Answer download(const std::string& url);
  void settle(const std::string& url, const Answer& answer);
  void make_room();

  Fetcher& fetcher_;
  const FetchLimits limits_;
  const std::function<SteadyTime()> clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t bytes_ = 0;  // sum over entries_
};

}  // namespace chainmend::certs
