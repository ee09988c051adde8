#include "certs/chain_graph.h"

#include <algorithm>
#include <utility>

namespace chainmend::certs {

namespace {

constexpr std::size_t kStepsPerClock = 256;
constexpr std::size_t kMaxRootHops = 8;

}  // namespace

ChainGraph::ChainGraph(const CertificatePtr& leaf, std::span<IssuerSource* const> sources,
                       const TrustProfile& profile, const SearchOptions& options)
    : sources_(sources),
      profile_(profile),
      options_(options),
      deadline_(options.clock() + options.budget.wall) {
  node_for({leaf, Origin::leaf_file, ""});
}

ChainGraph::NodeId ChainGraph::node_for(Candidate candidate) {
  const Certificate& certificate = *candidate.certificate;
  const auto [known, is_new] =
      by_fingerprint_.try_emplace(certificate.fingerprint(), nodes_.size());
  if (is_new) {
    const bool trusted = profile_.contains(certificate);
    if (trusted && !nodes_.empty()) {
      candidate.origin = Origin::root;
    }
    nodes_.push_back({.candidate = std::move(candidate), .trusted = trusted, .edges = {}});
  }
  return known->second;
}

std::size_t ChainGraph::edge_count(NodeId node) {
  if (!nodes_[node].expanded) {
    nodes_[node].expanded = true;
    const CertificatePtr child = nodes_[node].candidate.certificate;
    std::vector<Candidate> candidates;
    for (const CertificatePtr& root : profile_.with_subject(child->issuer_key())) {
      candidates.push_back({root, Origin::root, profile_.name()});
    }
    for (IssuerSource* source : sources_) {
      if (!source->may_wait()) {
        std::ranges::move(source->issuers_of(*child), std::back_inserter(candidates));
      }
    }
    add_edges(node, std::move(candidates));
  }
  return nodes_[node].edges.size();
}

void ChainGraph::add_edges(NodeId node, std::vector<Candidate> candidates) {
  const CertificatePtr child = nodes_[node].candidate.certificate;
  std::vector<Edge> edges = std::move(nodes_[node].edges);
  std::unordered_set<NodeId> present;
  for (const Edge& edge : edges) {
    present.insert(edge.issuer);
  }
  for (Candidate& candidate : candidates) {
    if (candidate.certificate->subject_key() != child->issuer_key() || !step()) {
      continue;
    }
    const NodeId issuer = node_for(std::move(candidate));
    if (issuer != node && present.insert(issuer).second) {
      const KeyIdMatch match = compare_key_ids(*child, certificate(issuer));
      const Doubts doubts = match == KeyIdMatch::mismatch ? kContradiction : 0;
      edges.push_back({.issuer = issuer, .match = match, .doubts = doubts});
      doubts_met_ |= doubts;
    }
  }
  std::ranges::sort(edges, [&](const Edge& a, const Edge& b) {
    return IssuerRank{&certificate(a.issuer), trusted(a.issuer), a.match} <
           IssuerRank{&certificate(b.issuer), trusted(b.issuer), b.match};
  });
  nodes_[node].edges = std::move(edges);
}

const ChainGraph::Edge* ChainGraph::walkable(NodeId node, std::size_t at, Doubts allowed) {
  Edge& edge = nodes_[node].edges[at];
  if ((edge.doubts & ~allowed & kContradiction) != 0) {
    if (!std::exchange(edge.noted, true)) {
      note_rejection(node, edge.issuer, Reason::key_id_contradiction);
    }
    return nullptr;
  }
  if (!edge.judged) {
    judge(node, edge);
  }
  return edge.refused || (edge.doubts & ~allowed) != 0 ? nullptr : &edge;
}

void ChainGraph::judge(NodeId node, Edge& edge) {
  edge.refused = refuse_issuer(certificate(node), certificate(edge.issuer), trusted(edge.issuer),
                               options_.at, options_.use);
  if (!edge.refused && options_.refuse_weak && !trusted(edge.issuer) &&
      !certificate(edge.issuer).weakness().empty()) {
    edge.refused = Reason::weak;
  }
  if (!edge.refused && !signature_good(node, edge.issuer)) {
    if (exhausted_) {
      edge.refused = exhausted_;  // unknown, and not noted: it says nothing of this issuer
      return;
    }
    edge.refused = Reason::bad_signature;
  }
  edge.judged = true;
  if (edge.refused) {
    if (!std::exchange(edge.noted, true)) {
      note_rejection(node, edge.issuer, *edge.refused);
    }
  } else if (trusted(edge.issuer)) {
    edge.doubts |= doubts_of_root(edge.issuer);
  }
}

bool ChainGraph::signature_good(NodeId child, NodeId issuer) {
  std::string key(as_text(certificate(child).fingerprint()));
  key += as_text(certificate(issuer).spki_hash());
  const auto known = signatures_.find(key);
  if (known != signatures_.end()) {
    return known->second;
  }
  if (exhausted_) {
    return false;
  }
  if (signature_checks_ >= options_.budget.signature_checks) {
    exhausted_ = Reason::budget_exhausted;
    return false;
  }
  if (options_.clock() >= deadline_) {
    exhausted_ = Reason::deadline;
    return false;
  }
  ++signature_checks_;
  return signatures_.emplace(std::move(key), verifies(certificate(child), certificate(issuer)))
      .first->second;
}

Doubts ChainGraph::doubts_of_root(NodeId node) {
  const auto [known, is_new] = root_doubts_.try_emplace(node, 0);
  if (is_new) {
    const Certificate& root = certificate(node);
    known->second = (root.valid_at(options_.at) ? 0 : kStaleRoot) |
                    (root.self_signed() || leads_to_self_signed(root) ? 0 : kLooseRoot);
    doubts_met_ |= known->second;
  }
  return known->second;
}

// Clients that insist on a self-signed end (OpenSSL) go on from here through their own store.
bool ChainGraph::leads_to_self_signed(const Certificate& root) const {
  const Certificate* at = &root;
  for (std::size_t hop = 0; hop < kMaxRootHops && !at->self_signed(); ++hop) {
    const auto& above = profile_.with_subject(at->issuer_key());
    const auto next = std::ranges::find_if(above, [&](const CertificatePtr& candidate) {
      return candidate->valid_at(options_.at) && verifies(*at, *candidate);
    });
    if (next == above.end()) {
      return false;
    }
    at = next->get();
  }
  return at->self_signed();
}

void ChainGraph::note_rejection(NodeId child, NodeId issuer, Reason reason) {
  if (rejections_.size() < kMaxRejections) {
    rejections_.push_back({candidate(child).certificate, candidate(issuer), reason});
  }
}

bool ChainGraph::is_dead_end(const Node& node) const {
  return std::ranges::all_of(node.edges, [](const Edge& edge) {
    return edge.refused.has_value() || (edge.doubts & kContradiction) != 0;
  });
}

bool ChainGraph::ask_waiting_sources() {
  const auto open = [](const Node& node) {
    return node.expanded && !node.asked && !node.trusted &&
           !node.candidate.certificate->self_signed();
  };
  auto next = std::ranges::find_if(
      nodes_, [&](const Node& node) { return open(node) && is_dead_end(node); });
  if (next == nodes_.end()) {
    next = std::ranges::find_if(nodes_.rbegin(), nodes_.rend(), open).base();
    if (next == nodes_.begin()) {
      return false;
    }
    --next;
  }
  if (exhausted_ || waits_ >= options_.budget.waits || waited_ >= options_.budget.waiting) {
    return false;
  }
  next->asked = true;
  ++waits_;
  const auto node = static_cast<NodeId>(next - nodes_.begin());
  const auto begin = options_.clock();
  bool any = false;
  for (IssuerSource* source : sources_) {
    if (source->may_wait()) {
      any = true;
      add_edges(node, source->issuers_of(certificate(node)));
    }
  }
  const auto waited = options_.clock() - begin;
  waited_ += waited;
  deadline_ += waited;  // which bounds our own work only
  return any;
}

bool ChainGraph::step() {
  if (exhausted_) {
    return false;
  }
  if (steps_ >= options_.budget.steps) {
    exhausted_ = Reason::budget_exhausted;
    return false;
  }
  if (++steps_ % kStepsPerClock == 0 && options_.clock() >= deadline_) {
    exhausted_ = Reason::deadline;
    return false;
  }
  return true;
}

std::vector<Error> ChainGraph::problems() const {
  std::vector<Error> all;
  for (const IssuerSource* source : sources_) {
    std::ranges::move(source->problems(), std::back_inserter(all));
  }
  return all;
}

}  // namespace chainmend::certs
