#include "proxy/logs/last_failures.h"

#include <algorithm>
#include <functional>

#include "proxy/logs/handshake_log.h"

namespace chainmend::logs {

namespace {

std::vector<std::uint16_t> first_of(const std::vector<std::uint16_t>& all) {
  const auto most = std::min(all.size(), LastFailures::kMostListed);
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(most)};
}

void add_hello(LastFailure& failure, const clients::ClientHello& hello) {
  failure.server_name = hello.server_name;
  failure.versions = first_of(hello.supported_versions);
  if (failure.versions.empty()) {  // before TLS 1.3 a hello names its best version only
    failure.versions = {hello.legacy_version};
  }
  failure.suites = first_of(hello.suites);
}

void add_served(LastFailure& failure, const tls::ServedList& list) {
  failure.certificate = list.certificate;
  failure.chain = list.chain;
  failure.length = list.links.size();
  failure.complete = list.complete;
  failure.chain_issuer = list.issuer;
}

}  // namespace

void LastFailures::note(const HandshakeRecord& record, std::chrono::system_clock::time_point now) {
  LastFailure failure;
  failure.time = std::chrono::floor<std::chrono::seconds>(now);
  failure.listener = record.listener;
  failure.client_type = record.client_type;
  failure.peer = record.peer;
  failure.max_version = record.outcome.offered_max_version;
  failure.reason = record.outcome.reason;
  failure.hint = record.hint;
  failure.stage = record.outcome.stage;
  failure.alert = record.outcome.alert;
  if (record.hello != nullptr) {
    add_hello(failure, *record.hello);
  }
  if (record.served.list != nullptr) {
    add_served(failure, *record.served.list);
  }
  for (const tls::PossibleCause& one : record.causes) {
    failure.causes.emplace_back(tls::to_string(one.cause));
  }
  const std::lock_guard lock(mutex_);
  std::deque<LastFailure>& kept = by_type_[{failure.listener, failure.client_type}];
  kept.push_front(std::move(failure));
  if (kept.size() > kKeptOfEach) {
    kept.pop_back();
  }
}

std::vector<LastFailure> LastFailures::all() const {
  std::vector<LastFailure> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [type, kept] : by_type_) {
      out.insert(out.end(), kept.begin(), kept.end());
    }
  }
  std::ranges::sort(out, std::ranges::greater(), &LastFailure::time);
  return out;
}

}  // namespace chainmend::logs
