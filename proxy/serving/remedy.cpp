#include "proxy/serving/remedy.h"

#include <algorithm>

#include "proxy/net/address_rules.h"

namespace chainmend::serving {

namespace {

using certs::Reason;

// bad_signature: what was found of the issuer's name has another key, so the issuer is missing.
bool lacks_issuer(const certs::Failure& failure) {
  return failure.reason == Reason::no_issuer || failure.reason == Reason::bad_signature;
}

bool names_http_url(const certs::Certificate& certificate) {
  return std::ranges::any_of(certificate.aia_urls(),
                             [](const std::string& url) { return url.starts_with("http://"); });
}

// What lets AIA bring the missing issuer; nothing when it was asked and no key stood in its way.
std::string remedy_by_aia(const certs::Failure& failure, const config::Aia& aia) {
  if (aia.mode != config::AiaMode::fetch) {
    return names_http_url(*failure.at) ? ", or let it be fetched: chain.aia.mode: fetch" : "";
  }
  const bool refused = std::ranges::any_of(
      failure.notes, [](const certs::Error& note) { return net::refused_as_private(note.text); });
  return refused && !aia.allow_private_addresses
             ? ", or, if that address is yours, set chain.aia.allow_private_addresses: true"
             : "";
}

std::string upstream_key(const std::string& upstream, const char* key) {
  return "upstreams." + upstream + ".tls." + key;
}

}  // namespace

std::string remedy_for_own(const certs::Failure& failure, const std::string& certificate,
                           config::Serve serve, const config::Aia& aia) {
  if (lacks_issuer(failure) && serve == config::Serve::as_given) {
    return "; add it to the certificate's file, or leave out \"serve: as-given\", so that bundles "
           "are asked (certificates." +
           certificate + ".serve)";
  }
  if (lacks_issuer(failure)) {
    return "; name its file in chain.bundles, or in chain.trust when it is a root" +
           remedy_by_aia(failure, aia);
  }
  switch (failure.reason) {
    case Reason::untrusted_root:
      return "; if clients have this root, name its file in chain.trust (trust: [system, FILE] "
             "keeps the system's roots)";
    case Reason::weak:
      return "; \"weak: allow\" on the certificate serves it (certificates." + certificate +
             ".weak)";
    case Reason::expired:
    case Reason::key_id_contradiction:
      // The leaf itself has no successor in a bundle.
      return failure.refused && failure.refused != failure.at
                 ? "; name the file of another certificate of this issuer in chain.bundles"
                 : "";
    default:
      return {};
  }
}

std::string remedy_for_upstream(const certs::Failure& failure, const std::string& upstream,
                                const config::Aia* aia) {
  const std::string trust = upstream_key(upstream, "trust");
  if (lacks_issuer(failure)) {
    return aia == nullptr
               ? "; set " + upstream_key(upstream, "repair_chain") +
                     ": true to have its list completed, or name a root of your own in " + trust
               : "; an intermediate belongs in chain.bundles, a root of your own in " + trust +
                     remedy_by_aia(failure, *aia);
  }
  if (failure.reason == Reason::untrusted_root) {
    return "; if it is yours, name its file in " + trust;
  }
  return {};
}

std::string remedy_for_upstream_name(const std::string& upstream) {
  return "; set " + upstream_key(upstream, "server_name") + " to one of its names";
}

}  // namespace chainmend::serving
