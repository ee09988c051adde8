#include "certs/profile_chains.h"

#include <algorithm>
#include <optional>

#include "certs/issuer_set.h"

namespace chainmend::certs {

namespace {

struct Candidacy {
  TrustProfilePtr profile;
  ServedChain own;
};

// Whether a client that has just these roots, and is sent just this list, finds its way.
bool takes(const Candidacy& client, const std::vector<Candidate>& served,
           const SearchOptions& options) {
  IssuerSetSource sent(std::make_shared<const IssuerSet>(served));
  IssuerSource* const sources[] = {&sent};
  const SearchResult found =
      search_chain(served.front().certificate, sources, *client.profile, options);
  // What its own best path cannot do without, this one need not either.
  return found.complete && (!found.doubtful || client.own.doubtful);
}

class Matcher {
 public:
  Matcher(const LeafFile& file, std::span<IssuerSource* const> sources, const ServeOptions& options)
      : file_(file), sources_(sources), options_(options) {}

  // The shortest list that all of the group take. The list must end below a root of one of them.
  std::optional<ServedChain> chain_for(const std::vector<const Candidacy*>& group) const {
    std::optional<ServedChain> best;
    for (const Candidacy* last : group) {
      auto found = build_served_chain_where(
          [&](const std::vector<Candidate>& served) {
            return std::ranges::all_of(group, [&](const Candidacy* one) {
              return one == last || takes(*one, served, options_.search);
            });
          },
          file_, sources_, *last->profile, options_);
      if (found && (!best || found->certificates.size() < best->certificates.size())) {
        best = std::move(found);
      }
    }
    return best;
  }

 private:
  const LeafFile& file_;
  std::span<IssuerSource* const> sources_;
  const ServeOptions& options_;
};

}  // namespace

std::string LeftOut::describe() const {
  std::string text = "clients that have only the roots of '" + profile->name() + "' refuse it";
  if (needs != nullptr) {
    text += ": they would need the root '" + needs->subject() + "' (sha256 " +
            hex(needs->fingerprint()) + ")";
  }
  return text + (own.complete ? "; a chain of their own ends in '" + own.anchor->subject() + "'"
                              : "; no chain leads to one of theirs: " + own.failure->describe());
}

ProfileChains build_profile_chains(const LeafFile& file, std::span<IssuerSource* const> sources,
                                   std::span<const TrustProfilePtr> profiles,
                                   const ServeOptions& options) {
  std::vector<Candidacy> all;
  for (const TrustProfilePtr& profile : profiles) {
    all.push_back({profile, build_served_chain(file, sources, *profile, options)});
  }
  ProfileChains chains;
  std::vector<const Candidacy*> pleased;
  const Matcher matcher(file, sources, options);
  for (const Candidacy& one : all) {
    if (!one.own.complete) {
      continue;
    }
    std::vector<const Candidacy*> group = pleased;
    group.push_back(&one);
    auto chain = pleased.empty() ? std::optional(one.own) : matcher.chain_for(group);
    if (chain) {
      chains.common = *std::move(chain);
      pleased = std::move(group);
    }
  }
  if (pleased.empty()) {
    chains.common = all.front().own;
  }
  for (const Candidacy& one : all) {
    if (std::ranges::find(pleased, &one) != pleased.end()) {
      chains.accepted_by.push_back(one.profile->name());
    } else if (&one != &all.front() || !pleased.empty()) {
      chains.left_out.push_back({one.profile, one.own, chains.common.anchor});
    }
  }
  return chains;
}

}  // namespace chainmend::certs
