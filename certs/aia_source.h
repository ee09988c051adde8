// AiaSource: issuers from where a certificate itself says they are (authority information access,
// caIssuers; RFC 5280 4.2.2.1). Waits for the network: never ask it in a client's handshake. One
// per search, on the searching thread; what lives longer is in AiaDownloads and AiaCache.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "certs/aia_cache.h"
#include "certs/aia_downloads.h"
#include "certs/certificate.h"
#include "certs/issuer_source.h"

namespace chainmend::certs {

class AiaSource final : public IssuerSource {
 public:
  static constexpr std::size_t kMaxUrlsPerCertificate = 5;
  static constexpr std::size_t kMaxUrls = 10;     // of one search, all certificates together
  static constexpr std::size_t kMaxChecks = 100;  // signatures per question

  // What is accepted is stored in cache. Both must outlive this object.
  AiaSource(AiaDownloads& downloads, AiaCache& cache) : downloads_(downloads), cache_(cache) {}

  // Asks every http URL of child that was not asked before, then offers, of all that any URL
  // brought, the certificates that have the right name and whose key verifies child.
  std::vector<Candidate> issuers_of(const Certificate& child) override;
  bool may_wait() const override { return true; }
  // One per URL that was no help, with why; the text begins with one word that says it:
  // aia-refused, aia-timeout, aia-too-big, aia-failed (no answer, or another status than 200),
  // aia-unreadable, or aia-mismatch (nothing of what it brought issued the child).
  std::vector<Error> problems() const override { return problems_; }

 private:
  void ask(const std::string& url);
  std::vector<Candidate> matches(const Certificate& child) const;
  void report(Error problem, const char* word);
  void report_useless(const Certificate& child, const std::vector<std::string>& urls);

  AiaDownloads& downloads_;
  AiaCache& cache_;
  std::map<std::string, AiaDownloads::Answer> answers_;  // by URL; each is asked once per search
  std::set<Sha256> asked_;                               // fingerprints of children
  std::vector<Error> problems_;
};

}  // namespace chainmend::certs
