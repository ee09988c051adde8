// ChainSearch: the path from a leaf to a root that clients accept (RFC 5280 6, RFC 4158), out of
// whatever certificates there are. Pure: it asks its sources and the clock it was given, and
// touches nothing else.
//
// The search is depth-first with full backtracking, shortest paths first. Every edge is checked
// before it is walked (names, dates, flags, purposes, signature), and what a path adds up to (path
// length, name constraints, no entity twice) while it is walked. Four passes, each only when the
// one before found nothing:
//   1. nothing is wrong;
//   2. an issuer may contradict its child's authority key identifier (OpenSSL clients refuse such a
//   pair);
//   3. the root may be outside its validity (some clients ignore it; see
//   SearchOptions::stale_roots);
//   4. both.
// Within each, a root that is not self-signed comes second, as OpenSSL clients do not end a path
// there. Sources that may wait are asked in pass 1, only when the others have no path, and about
// dead ends first. Among equally short paths the one whose first expiry comes last wins, then the
// order of issuer_check.h; nothing depends on the order of the input.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_check.h"
#include "certs/issuer_source.h"
#include "certs/reason.h"
#include "certs/trust_profile.h"

namespace chainmend::certs {

// One issuer that was considered for one child and refused.
struct Rejection {
  CertificatePtr child;
  Candidate issuer;
  Reason reason = Reason::no_issuer;
  bool signature_good =
      false;  // issuer's key verifies child: it is the issuer, and refused all the same
  std::string describe() const;
};

// The one reason that a reader is told when there is no path.
struct Failure {
  Reason reason = Reason::no_issuer;
  CertificatePtr
      at;  // whose issuer is missing or refused; the leaf when the leaf itself is at fault
  CertificatePtr refused;        // the issuer in question; null when there is none
  std::vector<Error> notes;      // what the sources had to say, AIA above all
  std::string describe() const;  // one line: names, key id, AIA URLs
};

enum class Purpose : std::uint8_t {
  serve,  // we serve this leaf: what is wrong with the leaf itself is a warning
  judge,  // would the other side accept it? what is wrong with the leaf itself is a failure
};

struct SearchBudget {
  std::size_t signature_checks = 2000;    // each pair of certificate and key is checked once
  std::size_t steps = 1'000'000;          // edges walked
  std::size_t depth = 24;                 // certificates in a path, leaf and root included
  std::chrono::milliseconds wall{5'000};  // our own work
  // Questions to sources that may wait: how many, and how long in all (the last one may take
  // longer).
  std::size_t waits = 16;
  std::chrono::milliseconds waiting{60'000};
};

struct SearchOptions {
  Time at;  // the moment that validity is judged at
  Purpose purpose = Purpose::serve;
  Use use = Use::server;
  // For Purpose::judge: accept a root outside its validity when nothing else is left, as some
  // phones do. What is to be served takes it anyway, with a warning.
  bool stale_roots = false;
  // Leave weak intermediates (Certificate::weakness()) out. Roots are trusted as they are.
  bool refuse_weak = false;
  SearchBudget budget = {};
  std::function<std::chrono::steady_clock::time_point()> clock = &std::chrono::steady_clock::now;
};

struct SearchResult {
  bool complete = false;
  // Leaf first. Complete: ends in the root. Otherwise the longest way that was found, root or not.
  std::vector<Candidate> path;
  std::optional<Failure> failure;   // set exactly when not complete
  std::vector<Rejection> rejected;  // in the order they were met, at most kMaxRejections
  std::vector<std::string> warnings;
  bool doubtful = false;  // a pass after the first: some clients refuse a path that is complete
  std::size_t signature_checks = 0, steps = 0;
};
inline constexpr std::size_t kMaxRejections = 1000;

// sources are asked in the order given; of byte-identical certificates the first answer is kept.
// They are borrowed for the call.
SearchResult search_chain(const CertificatePtr& leaf, std::span<IssuerSource* const> sources,
                          const TrustProfile& profile, const SearchOptions& options);

// The same, for a path that must also please the caller: ways to a root are offered to `accept` in
// the order of the search, and those it refuses are passed over. Nothing when it takes none.
using AcceptPath = std::function<bool(const std::vector<Candidate>& path)>;
std::optional<SearchResult> search_chain_where(const AcceptPath& accept, const CertificatePtr& leaf,
                                               std::span<IssuerSource* const> sources,
                                               const TrustProfile& profile,
                                               const SearchOptions& options);

}  // namespace chainmend::certs
