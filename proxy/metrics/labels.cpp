#include "proxy/metrics/labels.h"

#include <algorithm>

namespace chainmend::metrics {

std::uint8_t NumberedNames::number(std::string_view name) {
  const auto found = std::ranges::find(names_, name);
  if (found != names_.end()) {
    return static_cast<std::uint8_t>(found - names_.begin());
  }
  if (names_.size() >= most_) {
    return 0;
  }
  names_.emplace_back(name);
  return static_cast<std::uint8_t>(names_.size() - 1);
}

}  // namespace chainmend::metrics
