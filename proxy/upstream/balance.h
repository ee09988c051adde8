// Balance: which of several servers is asked next: pure functions over how each of them stands at
// one moment. Nothing here waits, allocates or remembers; who calls notes what was chosen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace chainmend::upstream {

// How one server stands. Weights are in hundredths, so that a slow start can begin with little.
struct Standing {
  bool open = false;           // may be chosen
  std::uint32_t weight = 100;  // > 0
  std::uint32_t priority = 0;  // the higher ones are asked first
  std::uint32_t in_use = 0;    // connections to it
  std::uint64_t id = 0;        // hash of its name
  std::uint64_t tag = 0;       // round robin: how much it has got; see by_turn()
};

using Standings = std::span<const Standing>;

inline constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

// Closes those that stand open in vain: of the priorities, from the highest down, only as many are
// used as it takes to have `least` servers.
void keep_priorities(std::span<Standing> servers, std::size_t least);

// What one turn adds to the tag of a server: less, the more weight it has.
std::uint64_t step_of(const Standing& server);

// Smooth weighted round robin: the server that has got least for its weight, where each turn counts
// from its middle, so that a heavy server's turns lie between those of the others. now: the tag
// that the last one chosen had; a server that lags behind by more than a turn was away, and does
// not make up for what it missed.
std::size_t by_turn(Standings servers, std::uint64_t now);
// The tag of the chosen one as by_turn() saw it.
std::uint64_t tag_of(const Standing& server, std::uint64_t now);

// Of two servers taken by chance, heavier ones more often, the one with fewer connections for its
// weight ("power of two choices").
std::size_t by_load(Standings servers, std::uint64_t random);

// Always the same server for a source as long as it is there, by rendezvous hashing: when a server
// goes, only its own sources move. One that has over 5/4 of its share of all connections is passed
// over, so that a big source cannot overload it.
std::size_t by_source(Standings servers, std::uint64_t source);

// Well mixed bits (the finaliser of splitmix64).
std::uint64_t mix(std::uint64_t bits);

}  // namespace chainmend::upstream
