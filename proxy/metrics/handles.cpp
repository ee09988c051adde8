#include "proxy/metrics/handles.h"

#include <utility>

#include "proxy/metrics/versions.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::nanoseconds, 11> kHandshakeBounds{
    5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s};
// Long polls and uploads stay minutes.
constexpr std::array<std::chrono::nanoseconds, 14> kRequestBounds{
    5ms, 10ms, 25ms, 50ms, 100ms, 250ms, 500ms, 1s, 2500ms, 5s, 10s, 30s, 60s, 300s};

// The cell of an enum value; a value beyond the cells would be a bug, and aborts in hardened
// builds.
template <typename Cell, std::size_t N, typename Enum>
Cell& cell(std::array<Cell, N>& cells, Enum value) {
  return cells[static_cast<std::size_t>(value)];
}

}  // namespace

ListenerMetrics::ListenerMetrics(std::string listener)
    : listener_(std::move(listener)), duration_(kHandshakeBounds) {
  static_assert(static_cast<std::size_t>(tls::Outcome::completed_unused) <
                ClientCells{}.outcomes.size());
  static_assert(static_cast<std::size_t>(tls::Reason::internal) < ClientCells{}.reasons.size());
}

Held ListenerMetrics::connection() {
  accepted_.add();
  return Held(open_);
}

void ListenerMetrics::rejected(RejectReason reason) { cell(rejected_, reason).add(); }

Held ListenerMetrics::handshake_begins() { return Held(in_progress_); }

void ListenerMetrics::handshake(const tls::HandshakeOutcome& outcome, ClientType client,
                                std::chrono::nanoseconds took,
                                std::chrono::system_clock::time_point ended) {
  ClientCells& cells = of(client);
  cell(cells.outcomes, outcome.outcome).add();
  cells.offered_max[version_index(outcome.offered_max_version)].add();
  if (outcome.outcome == tls::Outcome::failed) {
    cell(cells.reasons, outcome.reason).add();
  } else {
    cells.negotiated[version_index(outcome.negotiated_version)].add();
    duration_.observe(took);
  }
  if (outcome.outcome == tls::Outcome::full || outcome.outcome == tls::Outcome::resumed) {
    cells.last_success.store(
        std::chrono::floor<std::chrono::seconds>(ended).time_since_epoch().count(),
        std::memory_order_relaxed);
  }
  if (outcome.alert) {
    cell(alerts_, outcome.alert->direction)[outcome.alert->code].add();
  }
  if (outcome.client_certificate) {
    cell(client_certificates_, *outcome.client_certificate).add();
  }
}

void ListenerMetrics::server_name(ServerNameLabel name, tls::Outcome outcome) {
  cell(server_names_[name.index % server_names_.size()], outcome).add();
}

void ListenerMetrics::recoverable(ClientType client, PolicyLabel policy) {
  of(client).recoverable[policy.index % (kMaxPolicies + 1)].add();
}

void ListenerMetrics::noise(tls::NoiseKind kind) { cell(noise_, kind).add(); }

void ListenerMetrics::auth_failure(ClientType client, int status) {
  if (status == 401 || status == 403) {
    of(client).auth_failures[status == 401 ? 0 : 1].add();
  }
}

RouteMetrics::RouteMetrics(std::string listener, std::string route)
    : listener_(std::move(listener)), route_(std::move(route)), duration_(kRequestBounds) {}

void RouteMetrics::request(int status, std::chrono::nanoseconds took) {
  const bool known = status >= 100 && status <= 599;
  requests_[known ? static_cast<std::size_t>(status / 100) : 0].add();
  duration_.observe(took);
}

UpstreamServerMetrics::UpstreamServerMetrics(std::string upstream, std::string server)
    : upstream_(std::move(upstream)), server_(std::move(server)) {}

void UpstreamServerMetrics::failure(UpstreamFailure reason) { cell(failures_, reason).add(); }

Held UpstreamServerMetrics::connection(UpstreamState state) {
  return Held(cell(connections_, state));
}

}  // namespace chainmend::metrics
