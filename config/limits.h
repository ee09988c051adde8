// Limits: how much of the process one source of connections may take. A source is a network: the
// clients whose addresses begin alike.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "config/network.h"

namespace chainmend::config {

// So many connections, or a share of process.max_connections.
struct Portion {
  std::size_t count = 0;
  unsigned percent = 0;  // counts when `count` is 0; both 0: no limit
  // At least 1 when there is a limit, 0 when there is none.
  std::size_t of(std::size_t whole) const;
  bool operator==(const Portion&) const = default;
};

struct Limits {
  Portion per_source{.percent = 50};
  std::optional<std::size_t> new_per_second;  // of one source; unset: as many as come
  std::size_t burst = 200;  // that a source may open at once, when it was quiet before
  Portion handshakes{.percent = 50};
  std::size_t ipv4_prefix = 24;
  std::size_t ipv6_prefix = 64;
  std::vector<Network> exempt;  // sources that per_source and new_per_second do not hold for
  bool operator==(const Limits&) const = default;
};

}  // namespace chainmend::config
