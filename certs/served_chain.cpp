#include "certs/served_chain.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "certs/issuer_set.h"

namespace chainmend::certs {

namespace {

constexpr auto kSoon = std::chrono::days(30);
// Certificates that were made together end together, give or take; a gap of less is no news.
constexpr std::chrono::days kSameEnd{1};

void warn_of_weaknesses(ServedChain& chain) {
  for (const Candidate& served : chain.certificates) {
    const std::string weakness = served.certificate->weakness();
    if (!weakness.empty()) {
      chain.warnings.push_back("'" + served.certificate->subject() + "' is weak: " + weakness);
    }
  }
}

void warn_of_expiry(ServedChain& chain, Time at) {
  const Certificate& leaf = *chain.certificates.front().certificate;
  for (const Candidate& served : chain.certificates) {
    const Certificate& one = *served.certificate;
    if (at <= one.not_after() && one.not_after() - at < kSoon) {
      chain.warnings.push_back("'" + one.subject() + "' expires soon, at " +
                               format_time(one.not_after()));
    } else if (one.not_after() + kSameEnd < leaf.not_after()) {
      chain.warnings.push_back("'" + one.subject() + "' expires before the leaf, at " +
                               format_time(one.not_after()));
    }
  }
}

struct Successors {
  std::vector<Candidate> certificates;
  std::vector<std::string> problems;  // why some cannot be had
};

// The authority of what ends soon may have published the next one.
Successors successors_of_what_ends_soon(const SearchResult& found,
                                        std::span<IssuerSource* const> sources, Time at) {
  Successors successors;
  for (std::size_t i = 1; found.complete && i < found.path.size(); ++i) {
    const Certificate& one = *found.path[i].certificate;
    if (one.self_signed() || one.not_after() - at >= kSoon) {
      continue;
    }
    for (IssuerSource* source : sources) {
      if (!source->may_wait()) {
        continue;
      }
      const std::size_t known = source->problems().size();
      std::ranges::move(source->issuers_of(*found.path[i - 1].certificate),
                        std::back_inserter(successors.certificates));
      const std::vector<Error> problems = source->problems();
      for (std::size_t n = known; n < problems.size(); ++n) {
        successors.problems.push_back("no successor of '" + one.subject() +
                                      "': " + problems[n].describe());
      }
    }
  }
  return successors;
}

SearchResult search(const LeafFile& file, std::span<IssuerSource* const> sources,
                    const TrustProfile& profile, const SearchOptions& options) {
  IssuerSetSource own(std::make_shared<const IssuerSet>(file.extras));
  std::vector<IssuerSource*> all{&own};
  all.insert(all.end(), sources.begin(), sources.end());
  SearchResult found = search_chain(file.leaf, all, profile, options);
  Successors next = successors_of_what_ends_soon(found, sources, options.at);
  if (!next.certificates.empty()) {
    IssuerSetSource more(std::make_shared<const IssuerSet>(std::move(next.certificates)));
    all.push_back(&more);
    found = search_chain(file.leaf, all, profile, options);
  }
  std::ranges::move(next.problems, std::back_inserter(found.warnings));
  return found;
}

}  // namespace

ServedChain build_served_chain(const LeafFile& file, std::span<IssuerSource* const> sources,
                               const TrustProfile& profile, const ServeOptions& options) {
  SearchResult found = search(file, sources, profile, options.search);

  ServedChain chain;
  chain.complete = found.complete;
  chain.profile = profile.name();
  chain.failure = std::move(found.failure);
  chain.warnings = std::move(found.warnings);
  chain.rejected = std::move(found.rejected);
  chain.certificates = std::move(found.path);
  const CertificatePtr last = chain.certificates.back().certificate;
  if (profile.contains(*last)) {
    chain.anchor = last;
  }
  if (chain.certificates.size() > 1 && !options.send_root &&
      (chain.anchor || last->self_signed())) {
    chain.certificates.pop_back();
  }
  warn_of_weaknesses(chain);
  warn_of_expiry(chain, options.search.at);
  chain.repairs = describe_repairs(file.given, chain.certificates);
  return chain;
}

}  // namespace chainmend::certs
