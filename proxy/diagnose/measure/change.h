// changes(): what became better and what became worse between two measurements. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/diagnose/measure/statistics.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

// A row of a measurement, as far as it is compared.
struct MeasuredRate {
  std::string target;
  std::string client;
  std::string software;  // the client's name for people
  Rate success;
};

enum class Direction : std::uint8_t {
  same,
  better,
  worse,
  perhaps_better,  // higher, and chance may be all that there is to it
  perhaps_worse,   // lower, likewise
  only_before,
  only_after,
};
inline constexpr enums::Names<Direction> kDirectionNames{
    "same", "better", "worse", "perhaps_better", "perhaps_worse", "only_before", "only_after"};
constexpr const char* to_string(Direction direction) { return kDirectionNames[direction]; }

struct Change {
  MeasuredRate before;  // without attempts when there was no such row
  MeasuredRate after;
  Direction direction = Direction::same;

  const MeasuredRate& known() const { return before.client.empty() ? after : before; }
};

// Rows belong together by target and client; where each side has one target only, by client alone:
// the same service may be measured at another address. In the order of `before`, then what is new.
std::vector<Change> changes(const std::vector<MeasuredRate>& before,
                            const std::vector<MeasuredRate>& after);

}  // namespace chainmend::diagnose
