#include "proxy/server/extended_protection.h"

#include <algorithm>

namespace chainmend::server {

namespace {

bool sends_to(const serving::Listener& listener, const upstream::Upstream& upstream) {
  return listener.mode == config::Mode::http &&
         std::ranges::any_of(listener.routes, [&](const serving::Route& route) {
           return route.upstream == &upstream;
         });
}

// Whether that is the certificate, or one of those, that a listener serves.
bool serves(const serving::Build& build, const std::string& listener, const certs::Sha256& leaf) {
  return std::ranges::any_of(build.certificates, [&](const serving::CertificateReport& report) {
    return std::ranges::find(report.listeners, listener) != report.listeners.end() &&
           !report.chain.certificates.empty() &&
           report.chain.certificates.front().certificate->fingerprint() == leaf;
  });
}

}  // namespace

std::vector<metrics::CertificateMatch> compare_certificates(const Generation& generation) {
  std::vector<metrics::CertificateMatch> matches;
  const serving::ServingState& state = *generation.build.state;
  for (const config::Upstream& configured : generation.config.upstreams) {
    if (configured.tls.extended_protection != config::ExtendedProtection::check) {
      continue;
    }
    const upstream::Upstream& upstream = *state.upstreams.at(configured.name);
    for (const auto& listener : state.listeners) {
      for (const upstream::Peer& peer : upstream.peers) {
        const auto leaf = peer.server->leaf();
        if (leaf && listener->tls && sends_to(*listener, upstream)) {
          metrics::CertificateMatch& match = matches.emplace_back();
          match.upstream = configured.name;
          match.server = peer.server->name();
          match.listener = listener->name;
          match.same = serves(generation.build, listener->name, *leaf);
        }
      }
    }
  }
  return matches;
}

void ExtendedProtection::look(const Generation& generation) {
  std::vector<metrics::CertificateMatch> matches = compare_certificates(generation);
  for (const metrics::CertificateMatch& match : matches) {
    const std::string key = match.listener + '\n' + match.upstream + '\n' + match.server;
    if (match.same) {
      told_.erase(key);
    } else if (told_.insert(key).second) {
      log_.event(logs::Level::warn, "certificate_differs",
                 {{"upstream", match.upstream},
                  {"server", match.server},
                  {"listener", match.listener},
                  {"hint",
                   "with Extended Protection this server refuses logons that come through here "
                   "(0xC000035B in event 4625): serve the server's own certificate, or turn "
                   "Extended Protection off there"}});
    }
  }
  metrics_.certificate_matches(std::move(matches));
}

}  // namespace chainmend::server
