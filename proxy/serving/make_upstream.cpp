#include "proxy/serving/make_upstream.h"

#include <openssl/hmac.h>

#include <array>
#include <string>
#include <utility>

#include "certs/certificate_reader.h"

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
  peer.watch_leaf = upstream.tls.extended_protection == config::ExtendedProtection::check;
  peer.weight = static_cast<std::uint32_t>(server.weight);
  peer.priority = static_cast<std::uint32_t>(server.priority);
  peer.max_connections = static_cast<std::uint32_t>(server.max_connections);
  return peer;
}

// The half of an HMAC-SHA256 (RFC 2104) over the names of upstream and server, in hex: who has no
// key can neither make one up nor read from it which server it stands for, and to check it is to
// compare.
std::string cookie_value(certs::ByteView key, const std::string& upstream,
                         const std::string& server) {
  const std::string text = upstream + '\n' + server;
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), certs::as_bytes(text).data(),
       text.size(), mac.data(), &size);
  return certs::hex(certs::ByteView(mac).first(16));
}

void give_cookies(const config::Upstream& from, certs::ByteView key, upstream::Upstream& upstream) {
  upstream.cookie_name =
      from.persistence->name.empty() ? "chainmend-" + from.name : from.persistence->name;
  std::string attributes = "; Path=/; HttpOnly; SameSite=Lax";
  if (from.persistence->max_age) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(*from.persistence->max_age);
    attributes += "; Max-Age=" + std::to_string(seconds.count());
  }
  for (upstream::Peer& peer : upstream.peers) {
    peer.cookie = cookie_value(key, from.name, peer.server->name());
    peer.set_cookie_plain = upstream.cookie_name + '=' + peer.cookie + attributes;
    peer.set_cookie = peer.set_cookie_plain + "; Secure";
  }
}

void share(const config::Upstream& from, certs::ByteView cookie_key, upstream::Upstream& upstream) {
  upstream.balance = from.balance;
  upstream.queue = from.queue;
  upstream.eject = from.eject;
  upstream.health = from.health;
  upstream.all_down = from.all_down;
  if (from.persistence && from.persistence->by == config::PersistBy::cookie) {
    give_cookies(from, cookie_key, upstream);
  } else if (from.persistence) {
    upstream.sources = upstream.common->sources(from.persistence->entries);
    upstream.sources_timeout = std::chrono::ceil<std::chrono::seconds>(from.persistence->timeout);
  }
}

}  // namespace

certs::Sha256 hash_of_terms(const tls::ClientSetup& setup, const certs::TrustProfile* trust,
                            bool repair_chain) {
  std::string text = tls::describe(setup.policy);
  if (setup.certificate) {
    text += "\nshown " + certs::hex(setup.certificate->leaf->fingerprint());
  }
  if (trust != nullptr) {
    text += repair_chain ? "\nrepaired, verified with " : "\nverified with ";
    text += certs::hex(trust->hash());
  }
  return certs::sha256(certs::as_bytes(text));
}

std::optional<certs::Bytes> cookie_key(const config::Upstream& upstream,
                                       const upstream::Registry& registry, Findings& findings) {
  constexpr std::size_t kLeast = 32;
  if (!upstream.persistence || !upstream.persistence->key_file) {
    return registry.cookie_key();
  }
  const auto& file = *upstream.persistence->key_file;
  auto key = certs::read_file(file.value.string());
  if (!key) {
    findings.errors.push_back(at(file.at, key.error()));
    return std::nullopt;
  }
  if (key->size() < kLeast) {
    findings.errors.push_back(
        {file.at, file.value.string() + ": a key has at least 32 bytes, this one has " +
                      std::to_string(key->size()) + "; `openssl rand -out FILE 32` makes one"});
    return std::nullopt;
  }
  return *std::move(key);
}

std::unique_ptr<upstream::Upstream> make_upstream(const config::Upstream& from,
                                                  const UpstreamTlsTerms& terms,
                                                  certs::ByteView cookie_key,
                                                  upstream::Registry& registry) {
  auto upstream = std::make_unique<upstream::Upstream>();
  upstream->name = from.name;
  upstream->connect_timeout = from.timeouts.connect;
  upstream->handshake_timeout = from.timeouts.handshake;
  upstream->keep_alive = {from.keep_alive.idle, from.keep_alive.max_age,
                          from.keep_alive.per_server};
  upstream->proxy_header = proxy_header(from.proxy_protocol);
  upstream->foreseeing_tls = terms.foreseeing;
  upstream->common = registry.common(from.name);
  for (const config::Server& server : from.servers) {
    upstream->peers.push_back(make_peer(from, server, terms, registry));
  }
  share(from, cookie_key, *upstream);
  return upstream;
}

}  // namespace chainmend::serving
