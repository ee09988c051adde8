#include "proxy/serving/make_upstream.h"

#include <string>
#include <utility>

namespace chainmend::serving {

namespace {

net::ProxyVersion proxy_header(config::ProxyProtocol from) {
  switch (from) {
    case config::ProxyProtocol::off:
      break;
    case config::ProxyProtocol::v1:
      return net::ProxyVersion::v1;
    case config::ProxyProtocol::v2:
      return net::ProxyVersion::v2;
  }
  return net::ProxyVersion::none;
}

upstream::Peer make_peer(const config::Upstream& upstream, const config::Server& server,
                         const UpstreamTlsTerms& terms, upstream::Registry& registry) {
  upstream::Peer peer;
  peer.server = registry.server(upstream.name, {server.text(), server.host, server.port});
  peer.server_name = upstream.tls.server_name.empty() ? server.host : upstream.tls.server_name;
  if (server.tls) {
    peer.tls = terms.context;
    peer.terms = certs::sha256(certs::as_bytes(certs::hex(terms.hash) + peer.server_name));
  }
  return peer;
}

}  // namespace

certs::Sha256 hash_of_terms(const tls::TlsPolicy& policy, const certs::TrustProfile* trust,
                            bool repair_chain) {
  std::string text = tls::describe(policy);
  if (trust != nullptr) {
    text += repair_chain ? "\nrepaired, verified with " : "\nverified with ";
    text += certs::hex(trust->hash());
  }
  return certs::sha256(certs::as_bytes(text));
}

std::unique_ptr<upstream::Upstream> make_upstream(const config::Upstream& from,
                                                  const UpstreamTlsTerms& terms,
                                                  upstream::Registry& registry) {
  auto upstream = std::make_unique<upstream::Upstream>();
  upstream->name = from.name;
  upstream->connect_timeout = from.timeouts.connect;
  upstream->handshake_timeout = from.timeouts.handshake;
  upstream->keep_alive = {from.keep_alive.idle, from.keep_alive.max_age,
                          from.keep_alive.per_server};
  upstream->proxy_header = proxy_header(from.proxy_protocol);
  upstream->foreseeing_tls = terms.foreseeing;
  upstream->turn = registry.turn(from.name);
  for (const config::Server& server : from.servers) {
    upstream->peers.push_back(make_peer(from, server, terms, registry));
  }
  return upstream;
}

}  // namespace chainmend::serving
