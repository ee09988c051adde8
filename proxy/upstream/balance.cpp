#include "proxy/upstream/balance.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace chainmend::upstream {

namespace {

// A turn of weight 1 (in hundredths) adds this much; a sum of 64 bits holds 10^12 of them.
constexpr std::uint64_t kTurn = std::uint64_t{1} << 24U;

std::uint64_t total_weight(Standings servers) {
  std::uint64_t sum = 0;
  for (const Standing& server : servers) {
    sum += server.open ? server.weight : 0;
  }
  return sum;
}

// The server that `at`, less than their total weight, falls on; `without` is passed over.
std::size_t falls_on(Standings servers, std::uint64_t at, std::size_t without) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (!servers[i].open || i == without) {
      continue;
    }
    if (at < servers[i].weight) {
      return i;
    }
    at -= servers[i].weight;
  }
  return kNobody;
}

}  // namespace

std::uint64_t mix(std::uint64_t bits) {
  bits += 0x9e3779b97f4a7c15U;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31U);
}

void keep_priorities(std::span<Standing> servers, std::size_t least) {
  std::optional<std::uint32_t> lowest;  // that is used
  std::size_t found = 0;
  while (found < least) {
    std::optional<std::uint32_t> next;
    for (const Standing& server : servers) {
      if (server.open && (!lowest || server.priority < *lowest)) {
        next = std::max(next.value_or(server.priority), server.priority);
      }
    }
    if (!next) {
      return;  // all of them are used
    }
    lowest = next;
    found = static_cast<std::size_t>(std::ranges::count_if(servers, [&](const Standing& server) {
      return server.open && server.priority >= *lowest;
    }));
  }
  for (Standing& server : servers) {
    server.open = server.open && server.priority >= *lowest;
  }
}

std::uint64_t step_of(const Standing& server) { return kTurn / server.weight; }

std::uint64_t tag_of(const Standing& server, std::uint64_t now) {
  return server.tag + step_of(server) >= now ? server.tag : now;
}

std::size_t by_turn(Standings servers, std::uint64_t now) {
  std::size_t best = kNobody;
  std::uint64_t least = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (!servers[i].open) {
      continue;
    }
    const std::uint64_t middle = tag_of(servers[i], now) + step_of(servers[i]) / 2;
    if (best == kNobody || middle < least) {
      best = i;
      least = middle;
    }
  }
  return best;
}

std::size_t by_load(Standings servers, std::uint64_t random) {
  const std::uint64_t total = total_weight(servers);
  if (total == 0) {
    return kNobody;
  }
  const std::size_t one = falls_on(servers, mix(random) % total, kNobody);
  const std::uint64_t others = total - servers[one].weight;
  if (others == 0) {
    return one;
  }
  const std::size_t other = falls_on(servers, mix(random + 1) % others, one);
  const auto load = [&](std::size_t i, std::size_t beside) {
    return (std::uint64_t{servers[i].in_use} + 1) * servers[beside].weight;
  };
  return load(other, one) < load(one, other) ? other : one;
}

std::size_t by_source(Standings servers, std::uint64_t source) {
  const std::uint64_t total = total_weight(servers);
  std::uint64_t in_use = 1;  // and this one
  for (const Standing& server : servers) {
    in_use += server.open ? server.in_use : 0;
  }
  std::size_t best = kNobody;
  double highest = 0;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const Standing& server = servers[i];
    // in_use + 1 > ceil(5/4 * all * weight / total)
    if (!server.open || std::uint64_t{server.in_use} * total * 4 >= 5 * in_use * server.weight) {
      continue;
    }
    // Uniform in (0, 1]; the score is exponential with the weight as its rate, so that each server
    // has the highest one for its share of the sources.
    const double uniform = (static_cast<double>(mix(source ^ server.id) >> 11U) + 1) * 0x1.0p-53;
    const double score = -static_cast<double>(server.weight) / std::log(uniform);
    if (best == kNobody || score > highest) {
      best = i;
      highest = score;
    }
  }
  return best;
}

}  // namespace chainmend::upstream
