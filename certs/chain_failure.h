// Why there is no path: the longest way that was found, and the one reason that a reader is told.
#pragma once

#include <string>

#include "certs/chain_graph.h"
#include "certs/chain_search.h"
#include "certs/path_rules.h"

namespace chainmend::certs {

// Fills result.path and result.failure after a search without success, and notes in the graph's
// rejections what the path rules refused.
void explain_failure(ChainGraph& graph, PathRules& rules, const SearchOptions& options,
                     SearchResult& result);

// "the leaf 'CN=...' expired at ..."
std::string describe_leaf_problem(const Certificate& leaf, Reason reason);

}  // namespace chainmend::certs
