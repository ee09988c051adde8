#include "certs/chain_search.h"

#include <algorithm>
#include <array>

#include "certs/chain_failure.h"
#include "certs/chain_graph.h"
#include "certs/path_rules.h"

namespace chainmend::certs {

namespace {

using NodeId = ChainGraph::NodeId;

// What each pass puts up with; the least harmful first. A loose root is refused by fewer clients
// than a contradiction, and a stale one by more.
constexpr std::array<Doubts, 8> kPasses = {
    0,
    kLooseRoot,
    kContradiction,
    kContradiction | kLooseRoot,
    kStaleRoot,
    kStaleRoot | kLooseRoot,
    kStaleRoot | kContradiction,
    kStaleRoot | kContradiction | kLooseRoot,
};

std::vector<Candidate> candidates(const ChainGraph& graph, const std::vector<NodeId>& path) {
  std::vector<Candidate> list;
  list.reserve(path.size());
  for (const NodeId node : path) {
    list.push_back(graph.candidate(node));
  }
  return list;
}

// One pass: the best of the shortest paths that have no other doubts than the allowed ones.
class Pass {
 public:
  // accept may be null: any path will do.
  Pass(ChainGraph& graph, PathRules& rules, Doubts allowed, std::size_t max_depth,
       const AcceptPath* accept)
      : graph_(graph), rules_(rules), allowed_(allowed), max_depth_(max_depth), accept_(accept) {}

  std::vector<NodeId> find() {
    if (graph_.trusted(ChainGraph::kLeaf) && allows(graph_.doubts_of_root(ChainGraph::kLeaf)) &&
        accepted({ChainGraph::kLeaf})) {
      return {ChainGraph::kLeaf};
    }
    push(ChainGraph::kLeaf);
    for (std::size_t edges = 1; edges < max_depth_ && best_.empty(); ++edges) {
      if (reaches_root(ChainGraph::kLeaf, edges)) {
        walk(edges);
      }
    }
    return best_;
  }

 private:
  bool allows(Doubts doubts) const { return (doubts & ~allowed_) == 0; }

  // The issuer at the end of an edge that may be walked in this pass; nothing for any other edge.
  std::optional<NodeId> walkable(NodeId node, std::size_t at) {
    const ChainGraph::Edge* edge = graph_.walkable(node, at, allowed_);
    return edge == nullptr ? std::nullopt : std::optional(edge->issuer);
  }

  // True when some walk of at most so many edges leads from node to a root, path rules left aside.
  // Cheap since remembered, and what it denies need never be walked.
  bool reaches_root(NodeId node, std::size_t edges) {
    if (edges == 0 || !graph_.step()) {
      return false;
    }
    if (distances_.size() <= node) {
      distances_.resize(graph_.size());
    }
    if (distances_[node].at_most <= edges || edges < distances_[node].more_than_or_at) {
      return distances_[node].at_most <= edges;
    }
    const std::size_t count = graph_.edge_count(node);
    distances_.resize(std::max(distances_.size(), graph_.size()));
    for (std::size_t at = 0; at < count; ++at) {
      const bool to_root = graph_.trusted(graph_.edge(node, at).issuer);
      if (edges == 1 && !to_root) {
        continue;  // too far, whatever it is: nothing is spent on it
      }
      const auto issuer = walkable(node, at);
      if (issuer && (to_root || reaches_root(*issuer, edges - 1))) {
        distances_[node].at_most = edges;
        return true;
      }
    }
    distances_[node].more_than_or_at = edges + 1;
    return false;
  }

  // Extends the path by exactly `edges` more, the last of which ends in a root, in every way that
  // the rules permit and that can still beat the best.
  void walk(std::size_t edges) {
    const NodeId node = path_.back();
    const std::size_t count = graph_.edge_count(node);
    for (std::size_t at = 0; at < count && graph_.step(); ++at) {
      const bool to_root = graph_.trusted(graph_.edge(node, at).issuer);
      const auto issuer = to_root == (edges == 1) ? walkable(node, at) : std::nullopt;
      if (!issuer) {
        continue;
      }
      const Certificate& certificate = graph_.certificate(*issuer);
      const Time lives_until = std::min(lives_until_.back(), certificate.not_after());
      if ((!best_.empty() && lives_until <= best_lives_until_) ||
          (edges > 1 && !reaches_root(*issuer, edges - 1)) || !agrees(*issuer)) {
        continue;
      }
      push(*issuer);
      if (edges > 1) {
        walk(edges - 1);
      } else if (accepted(path_)) {
        best_ = path_;
        best_lives_until_ = lives_until;
      }
      pop();
    }
  }

  bool accepted(const std::vector<NodeId>& path) const {
    return accept_ == nullptr || (*accept_)(candidates(graph_, path));
  }

  bool agrees(NodeId issuer) {
    return !rules_.refuse(certificates_, graph_.certificate(issuer)).has_value();
  }

  void push(NodeId node) {
    const Certificate& certificate = graph_.certificate(node);
    lives_until_.push_back(path_.empty() ? certificate.not_after()
                                         : std::min(lives_until_.back(), certificate.not_after()));
    path_.push_back(node);
    certificates_.push_back(&certificate);
  }

  void pop() {
    path_.pop_back();
    certificates_.pop_back();
    lives_until_.pop_back();
  }

  // What is known of the number of edges from a node to a root.
  struct Distance {
    std::size_t at_most = SIZE_MAX;
    std::size_t more_than_or_at = 0;
  };

  ChainGraph& graph_;
  PathRules& rules_;
  Doubts allowed_;
  std::size_t max_depth_;
  const AcceptPath* accept_;
  std::vector<Distance> distances_;
  std::vector<NodeId> path_, best_;
  std::vector<const Certificate*> certificates_;
  std::vector<Time> lives_until_;  // earliest notAfter up to each place of the path
  Time best_lives_until_{};
};

struct Found {
  std::vector<NodeId> path;  // empty when there is none
  Doubts doubts = 0;
};

Found find_path(ChainGraph& graph, PathRules& rules, const SearchOptions& options,
                const AcceptPath* accept) {
  for (const Doubts allowed : kPasses) {
    if ((allowed & ~graph.doubts_met()) != 0 ||
        ((allowed & kStaleRoot) != 0 && !stale_roots_allowed(options))) {
      continue;  // forbidden, or nothing there to allow: an earlier pass was the same
    }
    std::vector<NodeId> path;
    do {
      path = Pass(graph, rules, allowed, options.budget.depth, accept).find();
    } while (path.empty() && allowed == 0 && graph.ask_waiting_sources());
    if (!path.empty()) {
      return {std::move(path), allowed};
    }
  }
  return {};
}

std::string root_dates(const Certificate& root, Time at) {
  return at < root.not_before() ? "is not valid before " + format_time(root.not_before())
                                : "expired at " + format_time(root.not_after());
}

void warn_of_doubts(SearchResult& result, Doubts doubts, Time at) {
  const Certificate& root = *result.path.back().certificate;
  for (std::size_t i = 0; i + 1 < result.path.size(); ++i) {
    const Certificate& child = *result.path[i].certificate;
    const Certificate& issuer = *result.path[i + 1].certificate;
    if (compare_key_ids(child, issuer) == KeyIdMatch::mismatch) {
      result.warnings.push_back("the authority key identifier of '" + child.subject() +
                                "' names another certificate than '" + issuer.subject() +
                                "', the only one found; OpenSSL clients refuse this pair");
    }
  }
  if ((doubts & kStaleRoot) != 0) {
    result.warnings.push_back("the root '" + root.subject() + "' " + root_dates(root, at) +
                              ", and no other path exists; many clients refuse it");
  }
  if ((doubts & kLooseRoot) != 0) {
    result.warnings.push_back("the root '" + root.subject() +
                              "' is not self-signed; OpenSSL clients do not end a path there");
  }
}

SearchResult make_result(ChainGraph& graph, const Found& found, const SearchOptions& options) {
  SearchResult result;
  result.complete = true;
  result.path = candidates(graph, found.path);
  result.doubtful = found.doubts != 0;
  warn_of_doubts(result, found.doubts, options.at);
  return result;
}

// What a client would say of the leaf itself, and what the search cost.
void finish(SearchResult& result, ChainGraph& graph, const SearchOptions& options) {
  const CertificatePtr& leaf = graph.candidate(ChainGraph::kLeaf).certificate;
  const auto refused = refuse_leaf(*leaf, options.at, options.use);
  if (refused && options.purpose == Purpose::judge) {
    result.complete = false;
    result.failure = Failure{.reason = *refused, .at = leaf, .refused = leaf, .notes = {}};
  } else if (refused) {
    result.warnings.push_back(describe_leaf_problem(*leaf, *refused));
  }
  result.rejected = std::move(graph.rejections());
  result.signature_checks = graph.signature_checks();
  result.steps = graph.steps();
}

}  // namespace

SearchResult search_chain(const CertificatePtr& leaf, std::span<IssuerSource* const> sources,
                          const TrustProfile& profile, const SearchOptions& options) {
  ChainGraph graph(leaf, sources, profile, options);
  PathRules rules;
  const Found found = find_path(graph, rules, options, nullptr);
  SearchResult result;
  if (found.path.empty()) {
    explain_failure(graph, rules, options, result);
  } else {
    result = make_result(graph, found, options);
  }
  finish(result, graph, options);
  return result;
}

std::optional<SearchResult> search_chain_where(const AcceptPath& accept, const CertificatePtr& leaf,
                                               std::span<IssuerSource* const> sources,
                                               const TrustProfile& profile,
                                               const SearchOptions& options) {
  ChainGraph graph(leaf, sources, profile, options);
  PathRules rules;
  const Found found = find_path(graph, rules, options, &accept);
  if (found.path.empty()) {
    return std::nullopt;
  }
  SearchResult result = make_result(graph, found, options);
  finish(result, graph, options);
  return result;
}

}  // namespace chainmend::certs
