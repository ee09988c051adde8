#include "certs/aia_downloads.h"

#include <algorithm>
#include <utility>

#include "certs/aia_body.h"

namespace chainmend::certs {

AiaDownloads::AiaDownloads(Fetcher& fetcher, FetchLimits limits, std::function<SteadyTime()> clock)
    : fetcher_(fetcher), limits_(limits), clock_(std::move(clock)) {}

AiaDownloads::Answer AiaDownloads::get(const std::string& url) {
  std::promise<Answer> promise;
  {
    std::unique_lock lock(mutex_);
    const auto known = entries_.find(url);
    if (known != entries_.end() &&
        (known->second.under_way || clock_() < known->second.ask_again_at)) {
      const std::shared_future<Answer> answer = known->second.answer;
      lock.unlock();
      return answer.get();
    }
    Entry& entry = entries_[url];
    entry.answer = promise.get_future().share();
    entry.under_way = true;
    entry.asked_at = clock_();
  }
  Answer answer = download(url);
  settle(url, answer);
  promise.set_value(answer);
  return answer;
}

AiaDownloads::Answer AiaDownloads::download(const std::string& url) {
  using Certificates = Result<std::vector<CertificatePtr>>;
  const Result<Bytes> body = fetcher_.fetch(url, limits_);
  Certificates found = body ? read_aia_body(*body) : Certificates(tl::unexpected(body.error()));
  if (!found && found.error().where.empty()) {
    found.error().where = url;
  }
  return std::make_shared<const Certificates>(std::move(found));
}

void AiaDownloads::settle(const std::string& url, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(url);
  entry.under_way = false;

  bytes_ -= std::exchange(entry.bytes, 0);
  std::chrono::seconds remember = kRemember;
  if (*answer) {
    entry.failures = 0;
    for (const CertificatePtr& certificate : **answer) {
      entry.bytes += certificate->der().size();
    }
  } else {
    for (int i = 0; i < entry.failures && remember < kRememberBadAtMost; ++i) {
      remember *= 2;
    }
    ++entry.failures;
  }
  bytes_ += entry.bytes;
  entry.ask_again_at = clock_() + std::min(remember, kRememberBadAtMost);
  make_room();
}

void AiaDownloads::make_room() {
  while (entries_.size() > kMaxRemembered || bytes_ > kMaxRememberedBytes) {
    // A scan is good enough for a table that is full only under attack.
    const auto oldest =
        std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
          return std::pair(a.second.under_way, a.second.asked_at) <
                 std::pair(b.second.under_way, b.second.asked_at);
        });
    if (oldest->second.under_way) {
      return;
    }
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

}  // namespace chainmend::certs
