#include "proxy/metrics/upstream.h"

#include "proxy/metrics/family.h"

namespace chainmend::metrics {

Families<UpstreamServerMetrics> UpstreamServerMetrics::families() {
  using M = UpstreamServerMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"upstream_failures_total", "Failed attempts to use a server, by reason.", Type::counter,
       [](const M& m, Samples& out) { out.each("reason", m.failures_); }},
      {"upstream_connections", "Connections to a server, by state.", Type::gauge,
       [](const M& m, Samples& out) { out.each("state", m.connections_); }},
  };
  return kFamilies;
}

Families<UpstreamChainMetrics> UpstreamChainMetrics::families() {
  using M = UpstreamChainMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"upstream_chain_complete",
       "1 when what it serves to clients passed through to it leads to a trusted root, else 0.",
       Type::gauge,
       [](const M& m, Samples& out) {
         if (const int complete = m.complete_.load(std::memory_order_relaxed); complete >= 0) {
           out.add(complete);
         }
       }},
  };
  return kFamilies;
}

}  // namespace chainmend::metrics
