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

// What is sent of a path: roots stay at home unless asked for, and so does a self-signed
// certificate that is no root of the profile.
std::vector<Candidate> on_the_wire(std::vector<Candidate> path, const TrustProfile& profile,
                                   bool send_root) {
  const Certificate& last = *path.back().certificate;
  if (path.size() > 1 && !send_root && (profile.contains(last) || last.self_signed())) {
    path.pop_back();
  }
  return path;
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

ServedChain make_chain(SearchResult found, const TrustProfile& profile) {
  ServedChain chain;
  chain.complete = found.complete;
  chain.doubtful = found.doubtful;
  chain.profile = profile.name();
  chain.failure = std::move(found.failure);
  chain.warnings = std::move(found.warnings);
  chain.rejected = std::move(found.rejected);
  if (profile.contains(*found.path.back().certificate)) {
    chain.anchor = found.path.back().certificate;
  }
  chain.certificates = std::move(found.path);
  return chain;
}

ServedChain finish(ServedChain chain, const LeafFile& file, const TrustProfile& profile,
                   const ServeOptions& options) {
  chain.certificates = on_the_wire(std::move(chain.certificates), profile, options.send_root);
  warn_of_weaknesses(chain);
  warn_of_expiry(chain, options.search.at);
  chain.repairs = describe_repairs(file.given, chain.certificates);
  return chain;
}

bool is_named(const Certificate& root, const std::string& name) {
  std::string digits = name;
  std::erase(digits, ':');
  std::ranges::transform(digits, digits.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name == root.subject() || name == root.common_name() || digits == hex(root.fingerprint());
}

// The leaf's own extras first, then what the caller has.
class AllSources {
 public:
  AllSources(const LeafFile& file, std::span<IssuerSource* const> sources)
      : own_(std::make_shared<const IssuerSet>(file.extras)) {
    all_.push_back(&own_);
    all_.insert(all_.end(), sources.begin(), sources.end());
  }
  void add(std::vector<Candidate> candidates) {
    added_.emplace(std::make_shared<const IssuerSet>(std::move(candidates)));
    all_.push_back(&*added_);
  }
  std::span<IssuerSource* const> list() const { return all_; }

 private:
  IssuerSetSource own_;
  std::optional<IssuerSetSource> added_;
  std::vector<IssuerSource*> all_;
};

}  // namespace

std::optional<ServedChain> build_served_chain_where(const AcceptServed& accept,
                                                    const LeafFile& file,
                                                    std::span<IssuerSource* const> sources,
                                                    const TrustProfile& profile,
                                                    const ServeOptions& options) {
  const AllSources all(file, sources);
  const auto search = [&](bool preferred_only) {
    return search_chain_where(
        [&](const std::vector<Candidate>& path) {
          return (!preferred_only || is_named(*path.back().certificate, options.preferred_root)) &&
                 accept(on_the_wire(path, profile, options.send_root));
        },
        file.leaf, all.list(), profile, options.search);
  };
  std::optional<SearchResult> found;
  if (!options.preferred_root.empty()) {
    found = search(true);
  }
  const bool preferred = found.has_value();
  if (!found) {
    found = search(false);
  }
  if (!found) {
    return std::nullopt;
  }
  ServedChain chain = make_chain(*std::move(found), profile);
  if (!preferred && !options.preferred_root.empty()) {
    chain.warnings.push_back("no path leads to the preferred root '" + options.preferred_root +
                             "'; this one leads to '" + chain.anchor->subject() + "'");
  }
  return finish(std::move(chain), file, profile, options);
}

ServedChain build_served_chain(const LeafFile& file, std::span<IssuerSource* const> sources,
                               const TrustProfile& profile, const ServeOptions& options) {
  AllSources all(file, sources);
  SearchResult found = search_chain(file.leaf, all.list(), profile, options.search);
  Successors next = successors_of_what_ends_soon(found, sources, options.search.at);
  if (!next.certificates.empty()) {
    all.add(std::move(next.certificates));
    found = search_chain(file.leaf, all.list(), profile, options.search);
  }
  const auto any = [](const std::vector<Candidate>&) { return true; };
  auto preferred = options.preferred_root.empty()
                       ? std::nullopt
                       : build_served_chain_where(any, file, all.list(), profile, options);
  ServedChain chain = preferred
                          ? *std::move(preferred)
                          : finish(make_chain(std::move(found), profile), file, profile, options);
  std::ranges::move(next.problems, std::back_inserter(chain.warnings));
  return chain;
}

ServedChain serve_as_given(const LeafFile& file, const TrustProfile& profile,
                           const ServeOptions& options) {
  const AllSources own(file, {});
  ServedChain chain =
      make_chain(search_chain(file.leaf, own.list(), profile, options.search), profile);
  chain.certificates.assign({{file.leaf, Origin::leaf_file, {}}});
  bool leaf_seen = false;
  for (const CertificatePtr& given : file.given) {
    const bool is_leaf = given->fingerprint() == file.leaf->fingerprint();
    if (!is_leaf || std::exchange(leaf_seen, true)) {
      chain.certificates.push_back({given, Origin::leaf_file, {}});
    }
  }
  warn_of_weaknesses(chain);
  warn_of_expiry(chain, options.search.at);
  return chain;
}

}  // namespace chainmend::certs
