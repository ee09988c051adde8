#include "certs/chain_failure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace chainmend::certs {

namespace {

using NodeId = ChainGraph::NodeId;

// Edges that the explanation looks at, all in all; the longest way need not be proven longest.
constexpr std::size_t kMaxLooks = 200'000;

std::string quoted(const Certificate& certificate) { return "'" + certificate.subject() + "'"; }

// What a certificate did not hold up to, as the end of a sentence that names it.
std::string shortcoming(const Certificate& certificate, Reason reason) {
  switch (reason) {
    case Reason::expired:
      return "expired at " + format_time(certificate.not_after());
    case Reason::not_yet_valid:
      return "is not valid before " + format_time(certificate.not_before());
    case Reason::not_a_ca:
      return "is no CA (basicConstraints)";
    case Reason::no_cert_sign:
      return "may not sign certificates (keyUsage)";
    case Reason::wrong_purpose:
      return "is not meant for TLS servers (extendedKeyUsage)";
    case Reason::not_for_clients:
      return "is not meant for client authentication (extendedKeyUsage, keyUsage)";
    case Reason::critical_extension:
      return "has a critical extension that is unknown here";
    case Reason::broken_extension:
      return "has an extension that cannot be read";
    case Reason::bad_signature:
      return "has the right name and another key";
    case Reason::key_id_contradiction:
      return "is not the one that the authority key identifier names";
    case Reason::loop:
      return "is in the path already";
    case Reason::path_length:
      return fmt::format("allows only {} CAs below itself (pathLenConstraint)",
                         certificate.path_length().value_or(0));
    case Reason::name_constraints:
      return "does not permit the names below it (nameConstraints)";
    case Reason::weak:
      return "is weak (" + certificate.weakness() + ")";
    default:
      return std::string("was refused: ") + to_string(reason);
  }
}

// How to get hold of the missing issuer of a certificate.
std::string directions(const Certificate& child) {
  std::string text;
  if (child.authority().key_id) {
    text += "; its key id is " + hex_colons(*child.authority().key_id);
  }
  if (child.aia_urls().empty()) {
    return text + "; the certificate names no URL to fetch it from";
  }
  return text + "; the certificate says it is at " +
         fmt::format("{}", fmt::join(child.aia_urls(), " or "));
}

// One way to fail: how far it got, and what was in the way there.
struct Ending {
  std::vector<NodeId> path;
  Reason reason = Reason::no_issuer;
  std::optional<NodeId> refused;
  // How much `refused` explains: the more, the closer it came to be the issuer.
  enum class Culprit : std::uint8_t { none, other_key, in_path_already, signer, signing_root };
  Culprit culprit = Culprit::none;

  // Only just below a root beats long, long beats short, a better culprit beats a worse one.
  auto worth() const {
    return std::make_tuple(culprit == Culprit::signing_root, path.size(), culprit);
  }
};

// Walks every way from the leaf that edges and rules permit, whatever the doubts, and keeps the
// best ending.
class Explorer {
 public:
  Explorer(ChainGraph& graph, PathRules& rules, const SearchOptions& options)
      : graph_(graph), rules_(rules), options_(options) {}

  Ending best() {
    push(ChainGraph::kLeaf);
    walk();
    return std::move(best_);
  }

 private:
  void walk() {
    const NodeId node = path_.back();
    Ending here;
    const std::size_t count = graph_.edge_count(node);
    for (std::size_t at = 0; at < count && ++looks_ < kMaxLooks; ++at) {
      graph_.walkable(node, at, kAnyDoubt);
      const ChainGraph::Edge edge = graph_.edge(node, at);
      const auto refused = edge.refused ? edge.refused : refuse_in_context(node, edge);
      if (refused) {
        note(here, node, edge.issuer, *refused);
      } else if (!graph_.trusted(edge.issuer) && path_.size() < options_.budget.depth) {
        push(edge.issuer);
        walk();
        pop();
      }
    }
    if (graph_.certificate(node).self_signed() && here.culprit < Ending::Culprit::signer) {
      here.reason = Reason::untrusted_root;
    }
    here.path = path_;
    if (best_.path.empty() || best_.worth() < here.worth()) {
      best_ = std::move(here);
    }
  }

  // What only this path, or only these options, hold against a good edge.
  std::optional<Reason> refuse_in_context(NodeId child, const ChainGraph::Edge& edge) {
    const Certificate& issuer = graph_.certificate(edge.issuer);
    auto refused = rules_.refuse(certificates_, issuer);
    if (!refused && (edge.doubts & kStaleRoot) != 0 && !stale_roots_allowed(options_)) {
      refused = options_.at < issuer.not_before() ? Reason::not_yet_valid : Reason::expired;
    }
    if (refused && noted_.emplace(child, edge.issuer, *refused).second) {
      graph_.note_rejection(child, edge.issuer, *refused);
    }
    return refused;
  }

  // Keeps the first of the best culprits.
  void note(Ending& here, NodeId child, NodeId issuer, Reason reason) {
    using Culprit = Ending::Culprit;
    Culprit culprit = Culprit::other_key;
    if (reason == Reason::loop) {
      culprit = Culprit::in_path_already;
    } else if (reason != Reason::bad_signature && graph_.signature_good(child, issuer)) {
      culprit = graph_.trusted(issuer) ? Culprit::signing_root : Culprit::signer;
    }
    if (culprit > here.culprit) {
      here.reason = culprit == Culprit::other_key ? Reason::bad_signature : reason;
      here.refused = issuer;
      here.culprit = culprit;
    }
  }

  void push(NodeId node) {
    path_.push_back(node);
    certificates_.push_back(&graph_.certificate(node));
  }
  void pop() {
    path_.pop_back();
    certificates_.pop_back();
  }

  ChainGraph& graph_;
  PathRules& rules_;
  const SearchOptions& options_;
  std::size_t looks_ = 0;
  std::vector<NodeId> path_;
  std::vector<const Certificate*> certificates_;
  std::set<std::tuple<NodeId, NodeId, Reason>> noted_;
  Ending best_;
};

// The length of the shortest walk over good edges from the leaf to a root, in certificates; 0 when
// there is none.
std::size_t length_of_walk_to_root(ChainGraph& graph) {
  std::vector<NodeId> layer{ChainGraph::kLeaf};
  std::set<NodeId> met(layer.begin(), layer.end());
  for (std::size_t length = 2; !layer.empty(); ++length) {
    std::vector<NodeId> above;
    for (const NodeId node : layer) {
      const std::size_t count = graph.edge_count(node);
      for (std::size_t at = 0; at < count && graph.step(); ++at) {
        const ChainGraph::Edge* edge = graph.walkable(node, at, kAnyDoubt);
        if (edge == nullptr || !met.insert(edge->issuer).second) {
          continue;
        }
        if (graph.trusted(edge->issuer)) {
          return length;
        }
        above.push_back(edge->issuer);
      }
    }
    layer = std::move(above);
  }
  return 0;
}

}  // namespace

void explain_failure(ChainGraph& graph, PathRules& rules, const SearchOptions& options,
                     SearchResult& result) {
  const auto exhausted = graph.exhausted();  // by the search, not by what follows
  const bool too_deep = !exhausted && length_of_walk_to_root(graph) > options.budget.depth;
  const Ending ending = Explorer(graph, rules, options).best();
  for (const NodeId node : ending.path) {
    result.path.push_back(graph.candidate(node));
  }
  Failure failure;
  failure.at = result.path.back().certificate;
  failure.reason = exhausted ? *exhausted : too_deep ? Reason::depth : ending.reason;
  if (failure.reason == ending.reason && ending.refused) {
    failure.refused = graph.candidate(*ending.refused).certificate;
  }
  failure.notes = graph.problems();
  result.failure = std::move(failure);
}

std::string describe_leaf_problem(const Certificate& leaf, Reason reason) {
  return "the leaf " + quoted(leaf) + " " + shortcoming(leaf, reason);
}

std::string Rejection::describe() const {
  return quoted(*issuer.certificate) + " as issuer of " + quoted(*child) + ": it " +
         shortcoming(*issuer.certificate, reason);
}

std::string Failure::describe() const {
  std::string text;
  switch (reason) {
    case Reason::no_issuer:
      text =
          "the issuer '" + at->issuer() + "' of " + quoted(*at) + " is missing" + directions(*at);
      break;
    case Reason::untrusted_root:
      text = "the path ends in the self-signed " + quoted(*at) + " (sha256 " +
             hex(at->fingerprint()) + "), which is not among the roots";
      break;
    case Reason::bad_signature:
      text = "the issuer '" + at->issuer() + "' of " + quoted(*at) +
             " is missing: what was found of this name has another key" + directions(*at);
      break;
    case Reason::depth:
      text = "the path to a root is longer than the budget allows";
      break;
    case Reason::budget_exhausted:
      text = "the search gave up: too many certificates look like issuers of each other";
      break;
    case Reason::deadline:
      text = "the search gave up: it ran out of time";
      break;
    default:
      text = refused == at ? describe_leaf_problem(*at, reason)
                           : quoted(*refused) + ", the issuer of " + quoted(*at) + ", " +
                                 shortcoming(*refused, reason);
  }
  for (const Error& note : notes) {
    text += "; " + note.describe();
  }
  return text;
}

}  // namespace chainmend::certs
