// The text of a scrape: the tables of families, each with all owners of its cells.
#include "proxy/metrics/family.h"
#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {
namespace {

template <typename Owner>
struct Owned {
  OwnerLabels labels;
  const Owner& cells;
};

template <typename Owner>
void put(Page& page, Families<Owner> families, const std::vector<Owned<Owner>>& owners) {
  for (const Family<Owner>& family : families) {
    Samples samples(family.name, family.help, family.type);
    for (const Owned<Owner>& owner : owners) {
      samples.of(owner.labels);
      family.write(owner.cells, samples);
    }
    page.put(std::move(samples));
  }
}

}  // namespace

std::string Metrics::scrape() const {
  Page page;
  {
    const std::lock_guard lock(mutex_);
    put_listeners(page);
    put_upstreams(page);
    put_certificates(page);
    put<ProcessMetrics>(page, ProcessMetrics::families(), {{OwnerLabels({}), process_}});
  }
  return page.text();
}

void Metrics::put_listeners(Page& page) const {
  std::vector<Owned<ListenerMetrics>> listeners;
  std::vector<ListenerMetrics::Client> cells;
  std::vector<Owned<ListenerMetrics::Client>> clients;
  const std::size_t types = ClientType::count();  // once: a reload may be adding one
  cells.reserve(listeners_.size() * types);       // `clients` refers into it
  for (const auto& [name, listener] : listeners_) {
    listeners.push_back({OwnerLabels({{"listener", name}}), *listener});
    for (std::size_t i = 0; i < types; ++i) {
      cells.push_back({*listener, listener->clients_[i]});
      clients.push_back(
          {OwnerLabels({{"listener", name}, {"client_type", ClientType::at(i).name()}}),
           cells.back()});
    }
  }
  put(page, ListenerMetrics::families(), listeners);
  put(page, ListenerMetrics::client_families(), clients);

  std::vector<Owned<RouteMetrics>> routes;
  for (const auto& [names, route] : routes_) {
    routes.push_back({OwnerLabels({{"listener", names.first}, {"route", names.second}}), *route});
  }
  put(page, RouteMetrics::families(), routes);
}

void Metrics::put_upstreams(Page& page) const {
  std::vector<Owned<UpstreamServerMetrics>> servers;
  for (const auto& [names, server] : upstream_servers_) {
    servers.push_back(
        {OwnerLabels({{"upstream", names.first}, {"server", names.second}}), *server});
  }
  put(page, UpstreamServerMetrics::families(), servers);

  std::vector<Owned<UpstreamMetrics>> groups;
  for (const auto& [name, upstream] : upstreams_) {
    groups.push_back({OwnerLabels({{"upstream", name}}), *upstream});
  }
  put(page, UpstreamMetrics::families(), groups);

  std::vector<Owned<CertificateMatch>> matches;
  matches.reserve(matches_.size());
  for (const CertificateMatch& match : matches_) {
    matches.push_back({OwnerLabels({{"upstream", match.upstream},
                                    {"server", match.server},
                                    {"listener", match.listener}}),
                       match});
  }
  put(page, CertificateMatch::families(), matches);

  std::vector<std::shared_ptr<UpstreamChainMetrics>> held;
  std::vector<Owned<UpstreamChainMetrics>> chains;
  for (const auto& [upstream, shown] : upstream_chains_) {
    if (auto chain = shown.lock()) {
      chains.push_back({OwnerLabels({{"upstream", upstream}}), *chain});
      held.push_back(std::move(chain));
    }
  }
  put(page, UpstreamChainMetrics::families(), chains);
}

void Metrics::put_certificates(Page& page) const {
  std::vector<Owned<CertificateState>> certificates;
  std::vector<Owned<CertificateState::Chain>> chains;
  for (const CertificateState& cert : certificates_) {
    certificates.push_back({OwnerLabels({{"cert", cert.name}}), cert});
    for (const CertificateState::Chain& chain : cert.chains) {
      chains.push_back({OwnerLabels({{"cert", cert.name}, {"chain", chain.name}}), chain});
    }
  }
  put(page, CertificateState::families(), certificates);
  put(page, CertificateState::Chain::families(), chains);
}

}  // namespace chainmend::metrics
