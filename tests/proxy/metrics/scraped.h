// A scrape as a test reads it: series, as text with labels in their order, to value.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {

using Series = std::map<std::string, double>;

inline constexpr const char* kTwice = "a series appears twice";  // Prometheus refuses such a scrape

inline Series scrape(const Metrics& metrics) {
  Series series;
  std::istringstream lines(metrics.scrape());
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const auto space = line.rfind(' ');
    if (!series.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second) {
      return {{kTwice, 1}};
    }
  }
  return series;
}

}  // namespace chainmend::metrics
