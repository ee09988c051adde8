// ChainGraph: the certificates that one search has met, and who may have issued whom. Nodes get
// their issuers when first asked for, edges their verdict when first walked; both are remembered,
// so that walking again costs nothing. Used by one search on one thread.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "certs/chain_search.h"
#include "certs/issuer_check.h"

namespace chainmend::certs {

// What is doubtful about an edge that is otherwise good; each search pass allows some of it.
using Doubts = unsigned;
inline constexpr Doubts kContradiction = 1;  // of the child's authority key identifier
inline constexpr Doubts kStaleRoot = 2;      // the root is outside its validity
inline constexpr Doubts kLooseRoot = 4;      // the root is not self-signed, nor leads to one
inline constexpr Doubts kAnyDoubt = 7;

inline bool stale_roots_allowed(const SearchOptions& options) {
  return options.stale_roots || options.purpose == Purpose::serve;
}

class ChainGraph {
 public:
  using NodeId = std::size_t;
  static constexpr NodeId kLeaf = 0;

  struct Edge {
    NodeId issuer = 0;
    KeyIdMatch match = KeyIdMatch::no_data;
    Doubts doubts = 0;  // a contradiction is known from the start, the others once judged
    bool judged = false;
    bool noted = false;                            // in rejections()
    std::optional<Reason> refused = std::nullopt;  // once judged
  };

  ChainGraph(const CertificatePtr& leaf, std::span<IssuerSource* const> sources,
             const TrustProfile& profile, const SearchOptions& options);

  const Candidate& candidate(NodeId node) const { return nodes_[node].candidate; }
  const Certificate& certificate(NodeId node) const { return *nodes_[node].candidate.certificate; }
  bool trusted(NodeId node) const { return nodes_[node].trusted; }
  std::size_t size() const { return nodes_.size(); }
  Doubts doubts_of_root(NodeId node);                // of a trusted node
  Doubts doubts_met() const { return doubts_met_; }  // on any edge so far

  // Number of possible issuers, in the order they are to be tried. Asks the sources on the first
  // call.
  std::size_t edge_count(NodeId node);
  // Edge number `at` with its verdict, when it has no other doubts than the allowed ones; null when
  // it has, or is refused. What costs (the signature) is looked at last. Edges that are not to be
  // walked are noted in rejections(). The pointer stays good until ask_waiting_sources().
  const Edge* walkable(NodeId node, std::size_t at, Doubts allowed);
  // The edge as it is known so far.
  const Edge& edge(NodeId node, std::size_t at) const { return nodes_[node].edges[at]; }
  // True when the issuer's key verifies the child, whatever else is wrong with it.
  bool signature_good(NodeId child, NodeId issuer);
  void note_rejection(NodeId child, NodeId issuer, Reason reason);

  // Puts one question to the sources that may wait: about a dead end if there is one, else about
  // the certificate met last. False when nothing is left to ask.
  bool ask_waiting_sources();

  // Counts one step of a walk. False once a budget is spent; nothing new is learned from then on.
  bool step();
  std::optional<Reason> exhausted() const { return exhausted_; }
  std::size_t signature_checks() const { return signature_checks_; }
  std::size_t steps() const { return steps_; }
  std::vector<Rejection>& rejections() { return rejections_; }
  std::vector<Error> problems() const;  // what the sources had to say

 private:
  struct Node {
    Candidate candidate;
    bool trusted = false;
    bool expanded = false;
    bool asked = false;  // of the waiting sources
    std::vector<Edge> edges;
  };

  void judge(NodeId node, Edge& edge);
  NodeId node_for(Candidate candidate);
  void add_edges(NodeId node, std::vector<Candidate> candidates);
  bool is_dead_end(const Node& node) const;
  bool leads_to_self_signed(const Certificate& root) const;

  std::span<IssuerSource* const> sources_;
  const TrustProfile& profile_;
  const SearchOptions& options_;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::duration waited_{};
  std::vector<Node> nodes_;
  std::unordered_map<Sha256, NodeId, Sha256Hash> by_fingerprint_;
  std::unordered_map<std::string, bool> signatures_;  // by certificate and key
  std::unordered_map<NodeId, Doubts> root_doubts_;
  Doubts doubts_met_ = 0;
  std::vector<Rejection> rejections_;
  std::size_t signature_checks_ = 0, steps_ = 0, waits_ = 0;
  std::optional<Reason> exhausted_;
};

}  // namespace chainmend::certs
