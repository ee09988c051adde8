// causes_of(): what a Tally counted, as causes in the order in which they matter.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/diagnose/read/tally.h"

namespace chainmend::diagnose {

// One code, and what the program gave as the reason, with how often it was said.
struct SaidCount {
  const Code* said = nullptr;
  const Code* why = nullptr;  // may be null
  std::uint64_t count = 0;
};

struct LogCause {
  Problem problem = Problem::no_error;
  std::uint64_t count = 0;
  std::size_t clients = 0;    // that met it, of those that are named
  std::size_t stopped = 0;    // of them, those that had no success on the same path later
  std::uint64_t unnamed = 0;  // of count: in lines that name no client
  std::optional<certs::Time> first;
  std::optional<certs::Time> last;
  std::vector<SaidCount> said;              // the most frequent first
  std::vector<const FailureGroup*> groups;  // likewise; they belong to the tally
};

// Those that stop most clients first, then the most frequent.
std::vector<LogCause> causes_of(const Tally& tally);

}  // namespace chainmend::diagnose
