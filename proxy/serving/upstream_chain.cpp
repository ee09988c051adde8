#include "proxy/serving/upstream_chain.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include "proxy/serving/upstream_verifier.h"

namespace chainmend::serving {

using certs::Sha256;
using tls::ServerList;

namespace {

// What is whole today may have expired tomorrow.
constexpr std::chrono::hours kJudgeAgain{1};

struct Finding {
  bool judged = false;  // it could be
  bool complete = false;
  std::size_t certificates = 0;
  std::string text;  // what is missing, in words
  bool operator==(const Finding&) const = default;
};

Sha256 hash_of(const ServerList& list) {
  certs::Bytes hashes;
  for (const certs::Bytes& der : list.certificates) {
    const Sha256 hash = certs::sha256(der);
    hashes.insert(hashes.end(), hash.begin(), hash.end());
  }
  hashes.push_back(static_cast<std::uint8_t>(list.state));
  return certs::sha256(hashes);
}

Finding examine(const ServerList& list, const certs::TrustProfile& trust) {
  if (list.state != ServerList::State::whole) {
    return {.text = list.state == ServerList::State::too_long
                        ? "the list is longer than 64 KiB or 32 certificates and was not looked at"
                        : "the list cannot be read"};
  }
  std::vector<certs::CertificatePtr> certificates;
  std::string unreadable;
  for (const certs::Bytes& der : list.certificates) {
    auto certificate = certs::Certificate::from_der(der);
    if (certificate) {
      certificates.push_back(*std::move(certificate));
    } else if (certificates.empty()) {
      return {.text = "its certificate cannot be read: " + certificate.error().describe()};
    } else {
      unreadable = "; the list holds something that is no certificate";
    }
  }
  const certs::SearchResult found = judge_list(certificates, trust);
  return {.judged = true,
          .complete = found.complete,
          .certificates = certificates.size(),
          .text = found.complete ? "ends at the root " + found.path.back().certificate->subject()
                                 : found.failure->describe() + unreadable};
}

}  // namespace

struct UpstreamChain::Judge {
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Server {
    Sha256 hash{};
    SteadyTime judge_again{};
    Finding finding;
  };

  // True when the list is to be judged now; then judge() must follow.
  bool begin(const std::string& server, const Sha256& hash) {
    const auto now = std::chrono::steady_clock::now();
    const std::scoped_lock lock(mutex);
    Server& known = servers[server];
    if (busy || (known.hash == hash && now < known.judge_again)) {
      return false;
    }
    known.hash = hash;
    known.judge_again = now + kJudgeAgain;
    return busy = true;
  }

  void judge(const std::string& server, const ServerList& list) {
    Finding finding = examine(list, *trust);
    const std::scoped_lock lock(mutex);
    busy = false;
    Server& known = servers[server];
    if (known.finding == finding) {
      return;
    }
    known.finding = std::move(finding);
    report(server, known.finding);
    bool any = false;
    bool all = true;
    for (const auto& [name, one] : servers) {
      any = any || one.finding.judged;
      all = all && (one.finding.complete || !one.finding.judged);
    }
    if (any) {
      metrics->complete(all);
    }
  }

  void report(const std::string& server, const Finding& finding) const {
    const char* const verdict = !finding.judged ? "unknown" : finding.complete ? "whole" : "broken";
    log->event(finding.complete ? logs::Level::info : logs::Level::warn, "upstream_chain",
               {{"upstream", upstream},
                {"server", server},
                {"chain", verdict},
                {"certificates", finding.certificates},
                {"detail", finding.text}});
  }

  std::string upstream;
  certs::TrustProfilePtr trust;
  logs::Log* log;
  MetricsPtr metrics;
  std::mutex mutex;
  bool busy = false;  // one job at a time, however often a server changes its mind
  std::map<std::string, Server> servers;  // as configured, so few
};

UpstreamChain::UpstreamChain(std::string upstream, certs::TrustProfilePtr trust,
                             RunInBackground background, logs::Log* log, MetricsPtr metrics)
    : judge_(std::make_shared<Judge>()), background_(std::move(background)) {
  judge_->upstream = std::move(upstream);
  judge_->trust = std::move(trust);
  judge_->log = log;
  judge_->metrics = std::move(metrics);
}

void UpstreamChain::saw(const std::string& server, ServerList list) const {
  if (!background_ || judge_->log == nullptr || !judge_->begin(server, hash_of(list))) {
    return;
  }
  background_([judge = judge_, server, list = std::move(list)] { judge->judge(server, list); });
}

}  // namespace chainmend::serving
