#include "certs/aia_source.h"

#include <algorithm>
#include <string_view>

namespace chainmend::certs {
namespace {

bool is_http(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  return url.size() > kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), url.begin(), [](char expected, char c) {
           return expected == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
         });
}

// Others are skipped before counting: directory services often stand first (RFC 5280 4.2.2.1 allows
// any scheme).
std::vector<std::string> http_urls_of(const Certificate& child) {
  std::vector<std::string> urls;
  for (const std::string& url : child.aia_urls()) {
    if (urls.size() < AiaSource::kMaxUrlsPerCertificate && is_http(url) &&
        std::find(urls.begin(), urls.end(), url) == urls.end()) {
      urls.push_back(url);
    }
  }
  return urls;
}

std::string counted(std::size_t certificates) {
  return certificates == 0   ? "no certificate"
         : certificates == 1 ? "1 certificate"
                             : std::to_string(certificates) + " certificates";
}

const char* word_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::blocked:
      return "aia-refused";
    case ErrorCode::timeout:
      return "aia-timeout";
    case ErrorCode::too_big:
      return "aia-too-big";
    case ErrorCode::network:
      return "aia-failed";
    default:
      return "aia-unreadable";
  }
}

}  // namespace

std::vector<Candidate> AiaSource::issuers_of(const Certificate& child) {
  if (child.self_signed()) {
    return {};
  }
  const bool first_time = asked_.insert(child.fingerprint()).second;
  const std::vector<std::string> urls =
      first_time ? http_urls_of(child) : std::vector<std::string>{};
  for (const std::string& url : urls) {
    ask(url);
  }
  std::vector<Candidate> found = matches(child);
  for (const Candidate& candidate : found) {
    cache_.store(candidate.certificate);
  }
  if (found.empty() && first_time) {
    report_useless(child, urls);
  }
  return found;
}

void AiaSource::ask(const std::string& url) {
  if (answers_.contains(url)) {
    return;
  }
  if (answers_.size() >= kMaxUrls) {
    report({ErrorCode::blocked,
            std::to_string(kMaxUrls) + " URLs were asked for this chain already", url, 0},
           "aia-refused");
    return;
  }
  const AiaDownloads::Answer answer = downloads_.get(url);
  answers_.emplace(url, answer);
  if (!*answer) {
    report(answer->error(), word_for(answer->error().code));
  }
}

void AiaSource::report(Error problem, const char* word) {
  problem.text = std::string(word) + ": " + problem.text;
  problems_.push_back(std::move(problem));
}

std::vector<Candidate> AiaSource::matches(const Certificate& child) const {
  std::vector<Candidate> found;
  std::set<Sha256> seen;
  std::size_t checks = 0;
  for (const auto& [url, answer] : answers_) {
    if (!*answer) {
      continue;
    }
    for (const CertificatePtr& certificate : **answer) {
      if (certificate->subject_key() == child.issuer_key() &&
          seen.insert(certificate->fingerprint()).second && checks++ < kMaxChecks &&
          verifies(child, *certificate)) {
        found.push_back({certificate, Origin::aia, url});
      }
    }
  }
  return found;
}

void AiaSource::report_useless(const Certificate& child, const std::vector<std::string>& urls) {
  if (urls.empty() && !child.aia_urls().empty()) {
    report({ErrorCode::blocked,
            "only http URLs are asked for issuers, and " + child.subject() + " names none",
            {},
            0},
           "aia-refused");
  }
  for (const std::string& url : urls) {
    const auto answer = answers_.find(url);
    if (answer == answers_.end() || !*answer->second) {
      continue;  // reported when it was asked
    }
    const std::vector<CertificatePtr>& brought = **answer->second;
    const bool right_name = std::any_of(brought.begin(), brought.end(), [&](const auto& c) {
      return c->subject_key() == child.issuer_key();
    });
    report({ErrorCode::empty,
            right_name ? "brought " + child.issuer() + ", but not with the key that signed " +
                             child.subject()
                       : "brought " + counted(brought.size()) + ", not " + child.issuer(),
            url, 0},
           "aia-mismatch");
  }
}

}  // namespace chainmend::certs
