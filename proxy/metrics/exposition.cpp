#include "proxy/metrics/exposition.h"

#include <algorithm>
#include <map>
#include <utility>

#include "proxy/metrics/page.h"
#include "proxy/metrics/state.h"
#include "proxy/metrics/versions.h"

namespace chainmend::metrics {
namespace {

using prometheus::MetricType;

constexpr std::array kRejectReasons{"max_connections", "no_descriptors"};
constexpr std::array kUpstreamFailures{"connect", "tls", "timeout", "reset", "protocol"};
constexpr std::array kUpstreamStates{"idle", "active", "pinned"};
constexpr std::array kAiaOutcomes{"ok", "cached", "blocked", "timeout", "network", "invalid"};
constexpr std::array kReloadOutcomes{"failure", "success"};
constexpr std::array kLogs{"human", "handshakes"};
constexpr std::array kCodeClasses{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array kAuthCodes{"401", "403"};

// Calls visit(index, count) for what happened at all: series appear with their first event.
template <std::size_t N, typename Visit>
void each_counted(const std::array<Counter, N>& cells, Visit visit) {
  for (std::size_t i = 0; i < N; ++i) {
    if (const auto count = cells[i].value(); count > 0) {
      visit(i, static_cast<double>(count));
    }
  }
}

}  // namespace

std::string Exposition::text() const {
  Page page;
  {
    const std::lock_guard lock(state_.mutex);
    handshakes(page);
    failures(page);
    server_names(page);
    client_certificates(page);
    noise(page);
    versions(page);
    alerts(page);
    certificates(page);
    connections(page);
    requests(page);
    upstreams(page);
    process(page);
  }
  return page.text();
}

template <typename Visit>
void Exposition::each_listener(Visit visit) const {
  for (const auto& [name, listener] : state_.listeners) {
    visit(name, *listener);
  }
}

template <typename Visit>
void Exposition::each_client(Visit visit) const {
  for (const auto& [name, listener] : state_.listeners) {
    for (std::size_t i = 0; i < ClientType::count(); ++i) {
      visit(name, ClientType::at(i).name(), listener->clients_[i]);
    }
  }
}

void Exposition::handshakes(Page& page) const {
  Family family(
      "tls_handshakes_total",
      "Connections that sent a ClientHello, by what became of the handshake; the success rate is "
      "(full + resumed) / (full + resumed + failed).",
      MetricType::Counter);
  each_client([&](const auto& listener, const auto& type, const auto& cells) {
    // All outcomes of a type once it was seen, zeros too, so that a ratio of rates has both its
    // sides.
    const bool seen = std::ranges::any_of(cells.outcomes, [](auto& c) { return c.value() > 0; });
    for (std::size_t i = 0; seen && i < cells.outcomes.size(); ++i) {
      family.add({{"listener", listener},
                  {"client_type", type},
                  {"outcome", tls::to_string(static_cast<tls::Outcome>(i))}},
                 cells.outcomes[i]);
    }
  });
  page.put(std::move(family));

  Family duration(
      "tls_handshake_duration_seconds",
      "Time from accepting a connection to the end of its handshake, completed ones only.",
      MetricType::Histogram);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    duration.add({{"listener", name}}, listener.duration_);
  });
  page.put(std::move(duration));

  Family in_progress("tls_handshakes_in_progress",
                     "Connections accepted whose handshake has not ended yet.", MetricType::Gauge);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    in_progress.add({{"listener", name}}, static_cast<double>(listener.in_progress_.value()));
  });
  page.put(std::move(in_progress));
}

void Exposition::failures(Page& page) const {
  Family reasons("tls_handshake_failures_total", "Failed handshakes by reason.",
                 MetricType::Counter);
  Family auth("http_auth_failures_total",
              "Exchanges that ended in 401 or 403 after a good handshake.", MetricType::Counter);
  Family recoverable(
      "tls_recoverable_total",
      "Failed handshakes whose hello this policy would have accepted, by versions and suites.",
      MetricType::Counter);
  each_client([&](const auto& listener, const auto& type, const auto& cells) {
    const Label on{"listener", listener};
    const Label of{"client_type", type};
    each_counted(cells.reasons, [&](std::size_t i, double count) {
      reasons.add({on, of, {"reason", tls::to_string(static_cast<tls::Reason>(i))}}, count);
    });
    each_counted(cells.recoverable, [&](std::size_t i, double count) {
      recoverable.add({on, of, {"policy", state_.policies[i]}}, count);
    });
    each_counted(cells.auth_failures, [&](std::size_t i, double count) {
      auth.add({on, of, {"code", kAuthCodes[i]}}, count);
    });
  });
  page.put(std::move(reasons));
  page.put(std::move(recoverable));
  page.put(std::move(auth));
}

void Exposition::server_names(Page& page) const {
  Family family(
      "tls_server_name_total",
      "Handshakes by the name that the client asked for: one of a certificate or of a rule for "
      "passing on, `other` for all else, `none` without one.",
      MetricType::Counter);
  each_listener([&](const auto& listener, const ListenerMetrics& metrics) {
    for (std::size_t name = 0; name < metrics.names_.size(); ++name) {
      each_counted(metrics.server_names_[name], [&](std::size_t i, double count) {
        family.add({{"listener", listener},
                    {"server_name", metrics.names_[name]},
                    {"outcome", tls::to_string(static_cast<tls::Outcome>(i))}},
                   count);
      });
    }
  });
  page.put(std::move(family));
}

void Exposition::noise(Page& page) const {
  Family family("tls_noise_total", "Connections that never sent a ClientHello, by kind.",
                MetricType::Counter);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    each_counted(listener.noise_, [&](std::size_t i, double count) {
      const auto kind = static_cast<tls::NoiseKind>(i);
      family.add({{"listener", name}, {"kind", tls::to_string(kind)}}, count);
    });
  });
  page.put(std::move(family));
}

void Exposition::client_certificates(Page& page) const {
  Family family(
      "client_certificate_total",
      "Handshakes in which a server asked for a client certificate and the client answered, "
      "as far as it can be seen (passed through, up to TLS 1.2); rejected: the server "
      "ended them.",
      MetricType::Counter);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    each_counted(listener.client_certificates_, [&](std::size_t i, double count) {
      const auto outcome = static_cast<tls::ClientCertificate>(i);
      family.add({{"listener", name}, {"outcome", tls::to_string(outcome)}}, count);
    });
  });
  page.put(std::move(family));
}

void Exposition::versions(Page& page) const {
  Family negotiated("tls_negotiated_total", "Completed handshakes by negotiated version.",
                    MetricType::Counter);
  Family offered("tls_offered_max_version_total",
                 "Handshakes by the best version that the client offered.", MetricType::Counter);
  each_client([&](const auto& listener, const auto& type, const auto& cells) {
    const auto add_to = [&](Family& family) {
      return [&](std::size_t i, double count) {
        const char* version = clients::version_label(kVersions[i]);
        family.add({{"listener", listener}, {"client_type", type}, {"tls_version", version}},
                   count);
      };
    };
    each_counted(cells.negotiated, add_to(negotiated));
    each_counted(cells.offered_max, add_to(offered));
  });
  page.put(std::move(negotiated));
  page.put(std::move(offered));
}

void Exposition::alerts(Page& page) const {
  Family family("tls_alerts_total", "Alerts that ended a handshake, by who sent them.",
                MetricType::Counter);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    for (std::size_t i = 0; i < listener.alerts_.size(); ++i) {
      std::map<std::string_view, double> by_name;  // several codes are "other"
      each_counted(listener.alerts_[i], [&](std::size_t code, double count) {
        by_name[tls::alert_name(static_cast<std::uint8_t>(code))] += count;
      });
      const char* direction = tls::to_string(static_cast<tls::AlertDirection>(i));
      for (const auto& [alert, count] : by_name) {
        family.add({{"listener", name}, {"direction", direction}, {"alert", alert}}, count);
      }
    }
  });
  page.put(std::move(family));
}

void Exposition::certificates(Page& page) const {
  Family not_after("certificate_not_after_timestamp_seconds",
                   "When the first of the certificates served by default expires.",
                   MetricType::Gauge);
  Family info("certificate_info", "1; the labels say which leaf is served.", MetricType::Gauge);
  for (const CertificateState& cert : state_.certificates) {
    not_after.add({{"cert", cert.name}},
                  static_cast<double>(cert.not_after.time_since_epoch().count()));
    for (const CertificateState::Leaf& leaf : cert.leaves) {
      info.add({{"cert", cert.name},
                {"subject_cn", leaf.subject_cn},
                {"issuer_cn", leaf.issuer_cn},
                {"key_type", leaf.key_type}},
               1);
    }
  }
  page.put(std::move(not_after));
  page.put(std::move(info));
  chains(page);

  Family fetches("aia_fetches_total", "Issuer certificates looked for by AIA, by what came of it.",
                 MetricType::Counter);
  for (std::size_t i = 0; i < kAiaOutcomes.size(); ++i) {
    fetches.add({{"outcome", kAiaOutcomes[i]}}, state_.aia_fetches[i]);
  }
  page.put(std::move(fetches));
}

void Exposition::chains(Page& page) const {
  Family complete("certificate_chain_complete",
                  "1 when the chain leads to a trusted root, 0 when something is missing.",
                  MetricType::Gauge);
  Family length("certificate_chain_length", "Certificates sent, the leaf included.",
                MetricType::Gauge);
  Family source("certificate_chain_source",
                "1 for each place that certificates sent after the leaf were found in.",
                MetricType::Gauge);
  for (const CertificateState& cert : state_.certificates) {
    const Label of{"cert", cert.name};
    for (const auto& chain : cert.chains) {
      const Label by{"chain", chain.name};
      complete.add({of, by}, chain.complete ? 1 : 0);
      length.add({of, by}, static_cast<double>(chain.length));
      for (const std::string& place : chain.sources) {
        source.add({of, by, {"source", place}}, 1);
      }
    }
  }
  page.put(std::move(complete));
  page.put(std::move(length));
  page.put(std::move(source));
}

void Exposition::connections(Page& page) const {
  Family open("connections", "Client connections open now.", MetricType::Gauge);
  Family accepted("connections_total", "Client connections accepted.", MetricType::Counter);
  Family rejected("connections_rejected_total", "Client connections closed at once, by reason.",
                  MetricType::Counter);
  each_listener([&](const auto& name, const ListenerMetrics& listener) {
    open.add({{"listener", name}}, static_cast<double>(listener.open_.value()));
    accepted.add({{"listener", name}}, listener.accepted_);
    for (std::size_t i = 0; i < listener.rejected_.size(); ++i) {
      rejected.add({{"listener", name}, {"reason", kRejectReasons[i]}}, listener.rejected_[i]);
    }
  });
  page.put(std::move(open));
  page.put(std::move(accepted));
  page.put(std::move(rejected));
}

void Exposition::requests(Page& page) const {
  Family requests("http_requests_total", "Requests answered, by class of the status code.",
                  MetricType::Counter);
  Family duration("http_request_duration_seconds",
                  "Time from a request's first byte to its answer's last.", MetricType::Histogram);
  for (const auto& [names, route] : state_.routes) {
    const Label listener{"listener", names.first};
    const Label path{"route", names.second};
    each_counted(route->requests_, [&](std::size_t i, double count) {
      requests.add({listener, path, {"code_class", kCodeClasses[i]}}, count);
    });
    duration.add({listener, path}, route->duration_);
  }
  page.put(std::move(requests));
  page.put(std::move(duration));
}

void Exposition::upstreams(Page& page) const {
  Family failures("upstream_failures_total", "Failed attempts to use a server, by reason.",
                  MetricType::Counter);
  Family connections("upstream_connections", "Connections to a server, by state.",
                     MetricType::Gauge);
  for (const auto& [names, server] : state_.upstream_servers) {
    const Label upstream{"upstream", names.first};
    const Label address{"server", names.second};
    for (std::size_t i = 0; i < kUpstreamFailures.size(); ++i) {
      failures.add({upstream, address, {"reason", kUpstreamFailures[i]}}, server->failures_[i]);
    }
    for (std::size_t i = 0; i < kUpstreamStates.size(); ++i) {
      connections.add({upstream, address, {"state", kUpstreamStates[i]}},
                      static_cast<double>(server->connections_[i].value()));
    }
  }
  page.put(std::move(failures));
  page.put(std::move(connections));

  Family chains(
      "upstream_chain_complete",
      "1 when what it serves to clients passed through to it leads to a trusted root, else 0.",
      MetricType::Gauge);
  for (const auto& [upstream, shown] : state_.upstream_chains) {
    const auto chain = shown.lock();
    if (chain && chain->complete_ >= 0) {
      chains.add({{"upstream", upstream}}, chain->complete_);
    }
  }
  page.put(std::move(chains));
}

void Exposition::process(Page& page) const {
  Family good("config_last_reload_successful", "1 when the configuration read last is in use.",
              MetricType::Gauge);
  good.add({}, state_.last_load_good.load(std::memory_order_relaxed) ? 1 : 0);
  page.put(std::move(good));

  Family when("config_last_reload_success_timestamp_seconds",
              "When the configuration in use was loaded.", MetricType::Gauge);
  when.add({}, static_cast<double>(state_.last_good_load.load(std::memory_order_relaxed)) / 1000);
  page.put(std::move(when));

  Family reloads("config_reloads_total", "Reloads by outcome; the first load is none.",
                 MetricType::Counter);
  for (std::size_t i = 0; i < kReloadOutcomes.size(); ++i) {
    reloads.add({{"outcome", kReloadOutcomes[i]}}, state_.reloads[i]);
  }
  page.put(std::move(reloads));

  Family dropped("log_dropped_total",
                 "Lines that a log lost: over its rate, or not writable in time.",
                 MetricType::Counter);
  for (std::size_t i = 0; i < kLogs.size(); ++i) {
    dropped.add({{"log", kLogs[i]}},
                static_cast<double>(state_.log_dropped[i].load(std::memory_order_relaxed)));
  }
  page.put(std::move(dropped));

  Family build("build_info", "1; the labels say what is running.", MetricType::Gauge);
  build.add({{"version", state_.build.version}, {"openssl", state_.build.openssl}}, 1);
  page.put(std::move(build));
}

}  // namespace chainmend::metrics
