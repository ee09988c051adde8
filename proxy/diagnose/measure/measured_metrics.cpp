#include "proxy/diagnose/measure/measured_metrics.h"

#include <array>

#include "proxy/clients/client_hello.h"
#include "proxy/metrics/family.h"
#include "proxy/metrics/page.h"

namespace chainmend::diagnose {
namespace {

using metrics::Families;
using metrics::Family;
using metrics::Samples;
using metrics::Type;

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

void add_times(const Times& times, Samples& out) {
  if (const auto some = times.percentiles()) {
    out.add({{"percentile", "50"}}, seconds(some->p50));
    out.add({{"percentile", "95"}}, seconds(some->p95));
    out.add({{"percentile", "99"}}, seconds(some->p99));
  }
}

Families<Row> families() {
  static constexpr Family<Row> kFamilies[] = {
      {"measured_success_ratio", "Share of attempts that succeeded, 0 to 1.", Type::gauge,
       [](const Row& row, Samples& out) {
         if (const auto value = row.success().value()) {
           out.add(*value);
         }
       }},
      {"measured_tls_handshakes", "Attempts of this measurement, by what became of them.",
       Type::gauge,
       [](const Row& row, Samples& out) {
         for (const tls::Outcome outcome :
              {tls::Outcome::full, tls::Outcome::resumed, tls::Outcome::failed}) {
           out.add({{"outcome", tls::to_string(outcome)}},
                   static_cast<double>(row.outcomes[outcome]));
         }
       }},
      {"measured_tls_handshake_failures", "Failed attempts of this measurement, by reason.",
       Type::gauge,
       [](const Row& row, Samples& out) {
         for (const auto& [reason, failures] : row.failures) {
           out.add({{"reason", tls::to_string(reason)}}, static_cast<double>(failures.count));
         }
       }},
      {"measured_tls_negotiated", "Succeeded attempts of this measurement, by version.",
       Type::gauge,
       [](const Row& row, Samples& out) {
         std::map<std::uint16_t, std::uint64_t> versions;
         for (const auto& [agreed, count] : row.negotiated) {
           versions[agreed.first] += count;
         }
         for (const auto& [version, count] : versions) {
           out.add({{"tls_version", clients::version_label(version)}}, static_cast<double>(count));
         }
       }},
      {"measured_connect_duration_seconds", "Time to connect, by TCP.", Type::gauge,
       [](const Row& row, Samples& out) { add_times(row.connect, out); }},
      {"measured_tls_handshake_duration_seconds",
       "Time of a whole handshake, from the connected socket, full ones only.", Type::gauge,
       [](const Row& row, Samples& out) { add_times(row.handshake, out); }},
  };
  return kFamilies;
}

void put_reachable(const std::vector<Row>& rows,
                   const std::vector<std::pair<std::string, std::string>>& unreachable,
                   metrics::Page& page) {
  std::map<std::string, double> targets;
  for (const Row& row : rows) {
    targets[row.target] = 1;
  }
  for (const auto& [target, why] : unreachable) {
    targets[target] = 0;
  }
  const metrics::OwnerLabels nobody{};
  Samples samples("measured_reachable",
                  "1: the target accepted a connection, 0: its name or address did not work.",
                  Type::gauge);
  samples.of(nobody);
  for (const auto& [target, reachable] : targets) {
    samples.add({{"target", target}}, reachable);
  }
  page.put(std::move(samples));
}

}  // namespace

std::string metrics_page(const std::vector<Row>& rows,
                         const std::vector<std::pair<std::string, std::string>>& unreachable) {
  metrics::Page page;
  put_reachable(rows, unreachable, page);
  for (const Family<Row>& family : families()) {
    Samples samples(family.name, family.help, family.type);
    for (const Row& row : rows) {
      const metrics::OwnerLabels owner{{"target", row.target},
                                       {"address", row.address},
                                       {"client", row.client},
                                       {"client_type", row.client_type}};
      samples.of(owner);
      family.write(row, samples);
    }
    page.put(std::move(samples));
  }
  return page.text();
}

}  // namespace chainmend::diagnose
