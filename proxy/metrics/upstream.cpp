#include "proxy/metrics/upstream.h"

#include "config/upstream.h"
#include "proxy/metrics/family.h"

namespace chainmend::metrics {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::nanoseconds, 12> kConnectBounds{
    500us, 1ms, 2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 5s};
// Long polls are answered after minutes.
constexpr std::array<std::chrono::nanoseconds, 15> kAnswerBounds{
    1ms, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s, 300s};

// In the order of upstream::Scopes.
std::string scope_name(std::size_t scope) {
  return scope == 0
             ? "whole"
             : config::kExchangeDirectoryNames[static_cast<config::ExchangeDirectory>(scope - 1)];
}

}  // namespace

static_assert(UpstreamServerMetrics::kMaxScopes == enums::count<config::ExchangeDirectory>() + 1);

UpstreamServerMetrics::UpstreamServerMetrics()
    : connect_(kConnectBounds), handshake_(kConnectBounds), first_byte_(kAnswerBounds) {
  forget_state();
}

void UpstreamServerMetrics::forget_state() {
  state_.store(-1, std::memory_order_relaxed);
  for (auto& scope : scopes_) {
    scope.store(-1, std::memory_order_relaxed);
  }
}

Families<UpstreamServerMetrics> UpstreamServerMetrics::families() {
  using M = UpstreamServerMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"upstream_failures_total", "Failed attempts to use a server, by reason.", Type::counter,
       [](const M& m, Samples& out) { out.each("reason", m.failures_); }},
      {"upstream_connections", "Connections to a server, by state.", Type::gauge,
       [](const M& m, Samples& out) { out.each("state", m.connections_); }},
      {"upstream_server_up", "1 when a server may be given any request of a new client, else 0.",
       Type::gauge,
       [](const M& m, Samples& out) {
         if (const int state = m.state_.load(std::memory_order_relaxed); state >= 0) {
           out.add(state == static_cast<int>(ServerState::up) ? 1 : 0);
         }
       }},
      {"upstream_server_state", "1 for the state that a server is in.", Type::gauge,
       [](const M& m, Samples& out) {
         if (const int state = m.state_.load(std::memory_order_relaxed); state >= 0) {
           for (std::size_t i = 0; i < enums::count<ServerState>(); ++i) {
             out.add({{"state", to_string(static_cast<ServerState>(i))}},
                     static_cast<int>(i) == state ? 1 : 0);
           }
         }
       }},
      {"upstream_check_up",
       "1 when the health check of a server, or of one of its directories, says that it is well.",
       Type::gauge,
       [](const M& m, Samples& out) {
         for (std::size_t i = 0; i < kMaxScopes; ++i) {
           if (const int up = m.scopes_[i].load(std::memory_order_relaxed); up >= 0) {
             out.add({{"scope", scope_name(i)}}, up);
           }
         }
       }},
      {"upstream_checks_total", "Health checks of a server, by what became of them.", Type::counter,
       [](const M& m, Samples& out) { out.counted("outcome", m.checks_); }},
      {"upstream_ejections_total", "How often a server was left out for failing requests.",
       Type::counter, [](const M& m, Samples& out) { out.add(m.ejections_); }},
      {"upstream_connect_duration_seconds", "Time until a server took a new connection.",
       Type::histogram, [](const M& m, Samples& out) { out.add(m.connect_); }},
      {"upstream_handshake_duration_seconds", "Time of the TLS handshake with a server.",
       Type::histogram, [](const M& m, Samples& out) { out.add(m.handshake_); }},
      {"upstream_first_byte_duration_seconds",
       "Time from the head of a request to the first byte of its answer.", Type::histogram,
       [](const M& m, Samples& out) { out.add(m.first_byte_); }},
  };
  return kFamilies;
}

Families<UpstreamMetrics> UpstreamMetrics::families() {
  using M = UpstreamMetrics;
  static constexpr Family<M> kFamilies[] = {
      {"upstream_waiting", "Requests that wait for a server with a free connection.", Type::gauge,
       [](const M& m, Samples& out) { out.add(m.waiting_); }},
      {"upstream_refused_total",
       "Requests answered 503 because no server could be given them, by reason.", Type::counter,
       [](const M& m, Samples& out) { out.each("reason", m.refused_); }},
  };
  return kFamilies;
}

Families<CertificateMatch> CertificateMatch::families() {
  static constexpr Family<CertificateMatch> kFamilies[] = {
      {"upstream_certificate_matches_listener",
       "1 when a listener serves the certificate of the server behind it, which Extended "
       "Protection "
       "needs, else 0.",
       Type::gauge, [](const CertificateMatch& m, Samples& out) { out.add(m.same ? 1 : 0); }},
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
