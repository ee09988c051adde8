#include "proxy/metrics/route.h"

#include <array>

#include "proxy/metrics/family.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;

// Long polls and uploads stay minutes.
constexpr std::array<std::chrono::nanoseconds, 14> kRequestBounds{
    5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s, 300s};

}  // namespace

Families<RouteMetrics> RouteMetrics::families() {
  using M = RouteMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"http_requests_total", "Requests answered, by class of the status code.", Type::counter,
       [](const M& m, Samples& out) { out.counted("code_class", m.requests_); }},
      {"http_request_duration_seconds", "Time from a request's first byte to its answer's last.",
       Type::histogram, [](const M& m, Samples& out) { out.add(m.duration_); }},
  };
  return kFamilies;
}

RouteMetrics::RouteMetrics() : duration_(kRequestBounds) {}

void RouteMetrics::request(int status, std::chrono::nanoseconds took) {
  const bool known = status >= 100 && status <= 599;
  requests_[known ? static_cast<CodeClass>(status / 100) : CodeClass::other].add();
  duration_.observe(took);
}

}  // namespace chainmend::metrics
