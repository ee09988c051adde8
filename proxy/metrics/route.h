// RouteMetrics: what is counted of one route. Lives as long as Metrics; thread-safe, a few relaxed
// additions per verb.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family;

// Of a status code: its hundred. other: beyond 100 to 599.
enum class CodeClass : std::uint8_t {
  other,
  informational,
  success,
  redirection,
  client_error,
  server_error,
};
inline constexpr enums::Names<CodeClass> kCodeClassNames{"other", "1xx", "2xx",
                                                         "3xx",   "4xx", "5xx"};
constexpr const char* to_string(CodeClass code) { return kCodeClassNames[code]; }

class RouteMetrics {
 public:
  RouteMetrics();

  // A request was answered, by the upstream or by us. took: from its first byte to the answer's
  // last.
  void request(int status, std::chrono::nanoseconds took);

 private:
  friend class Metrics;
  static std::span<const Family<RouteMetrics>> families();

  enums::Array<Counter, CodeClass> requests_;
  Histogram duration_;
};

}  // namespace chainmend::metrics
