// What a path must hold as a whole (RFC 5280 6.1): no entity twice, path lengths, name constraints.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>

#include "certs/certificate.h"
#include "certs/reason.h"

namespace chainmend::certs {

// Remembers name constraint checks for one search, as they can be dear and recur on every path.
class PathRules {
 public:
  // Why issuer cannot stand above path (leaf first, in which everything agrees already).
  std::optional<Reason> refuse(std::span<const Certificate* const> path, const Certificate& issuer);

 private:
  bool permits(const Certificate& issuer, const Certificate& below, bool is_leaf);

  struct Pair {
    const Certificate* issuer;
    const Certificate* below;
    bool operator==(const Pair&) const = default;
  };
  struct PairHash {
    std::size_t operator()(const Pair& pair) const noexcept;
  };
  std::unordered_map<Pair, bool, PairHash> permitted_;
};

}  // namespace chainmend::certs
