// client_certificate of a listener, of a client type and of a route.
#include <string>
#include <string_view>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {

TemplateParts next_word(std::string_view text) {
  const std::size_t open = text.find('{');
  const std::size_t close = text.find('}', open == std::string_view::npos ? text.size() : open);
  if (close == std::string_view::npos) {
    return {text, {}, {}};
  }
  return {text.substr(0, open), text.substr(open + 1, close - open - 1), text.substr(close + 1)};
}

static void read_value(const Cursor& at, CaNames& out) {
  out = {.of_trust = at.is("trust"), .files = {}};
  if (!out.of_trust && !at.is("none")) {
    read_value(at, out.files, InputFile{});
  }
}

static std::string write_value(const Cursor& /*at*/, const CaNames& value) {
  return value.of_trust ? "trust" : "";
}

static void check_words(const Cursor& at, std::string_view text) {
  for (TemplateParts parts = next_word(text); !parts.word.empty(); parts = next_word(parts.rest)) {
    if (!kIdentityWordNames.find(parts.word)) {
      at.reject("there is no word " + quote(parts.word) + " for braces; there are " +
                join(kIdentityWordNames));
    }
  }
}

static void read_value(const Cursor& at, IdentityHeaders& out) {
  if (at.is("none")) {
    out = {};
    return;
  }
  MapReader map(at, "to_upstream");
  map.read({"headers",
            "fields whose form their name says: X-ARR-ClientCert (IIS), Client-Cert and "
            "Client-Cert-Chain (RFC 9440), X-Forwarded-Client-Cert (Envoy), X-SSL-Client-Cert "
            "(nginx)",
            "[X-ARR-ClientCert, Client-Cert]"},
           out.headers);
  if (const auto fields =
          map.take({"fields",
                    "others, whose names begin with X-SSL-, X-Client-Cert, Client-Cert or "
                    "SSL-Client-; in their values stand {subject}, {issuer}, {cn}, {serial}, "
                    "{sha1}, {sha256}, {not_after}, and {verify}, which is SUCCESS or NONE",
                    "{ X-SSL-Client-S-DN: \"{subject}\" }"})) {
    for (const auto& [name, value] : fields->entries("templates by the names of fields")) {
      auto& field = out.fields.emplace_back();
      read_value(name, field.first, HeaderName{});
      read_value(value, field.second, HeaderValue{});
      check_words(value, field.second);
    }
  }
  if (map.is_map() && !map.has("headers") && !map.has("fields")) {
    at.error("to_upstream needs \"headers\" or \"fields\", or is none");
  }
}

namespace {

constexpr Key kToUpstream{"to_upstream",
                          "how the servers learn of the certificate: none, or fields of the "
                          "request, which nobody but trusted_sources can send by themselves"};

// What a listener and a client type have in common.
void read_terms(MapReader& map, const Cursor& at, ClientCertificates& out) {
  out.at = at.at();
  map.require(
      {"request", "optional: who shows none is served without; required: refused in the handshake",
       "optional"},
      out.request);
  map.read({"trust",
            "CAs whose certificates are taken, such as a maker's of phones; files as in "
            "bundles",
            "mitel_mfg_ca.crt"},
           out.trust, InputFile{});
  map.read({"ca_names",
            "of CAs, told to the client so that it can choose; trust: those in it; none; or "
            "files. At most 16 KB"},
           out.ca_names);
  map.read({"depth", "certificates of a chain, the client's and the root among them"}, out.depth,
           Count{1, 16});
  map.read({"crls", "lists of revoked certificates: files, PEM or DER", "mitel.crl"}, out.crls,
           InputFile{});
  map.read({"revocation",
            "with crls, where an issuer's is missing or out of date; soft: the certificate is "
            "good unless an old list has it; hard: it is refused"},
           out.revocation);
  map.read({"purposes",
            "client: extendedKeyUsage and keyUsage, where they are there, allow client "
            "authentication; any: whatever they say"},
           out.purposes);
}

void check_terms(const MapReader& map, const Cursor& at, const ClientCertificates& terms) {
  if (!map.is_map()) {
    return;
  }
  if (terms.request != AskForCertificate::never && terms.trust.empty()) {
    at.error(
        "a certificate that is asked for needs \"trust\": the file of the CA that issued it, as "
        "in trust: phone-ca.pem");
  }
  if (map.has("revocation") && terms.crls.empty()) {
    at.error("\"revocation\" has no use without \"crls\"");
  }
}

}  // namespace

void read_client_certificate(const Cursor& at, Listener& out) {
  MapReader map(at, "client_certificate");
  read_terms(map, at, out.client_certificate);
  map.read(kToUpstream, out.to_upstream);
  check_terms(map, at, out.client_certificate);
}

void read_value(const Cursor& at, ClientCertificates& out) {
  MapReader map(at, "client_certificate");
  read_terms(map, at, out);
  check_terms(map, at, out);
}

void read_client_certificate(const Cursor& at, Route& out) {
  MapReader map(at, "client_certificate");
  map.read({"required",
            "403 for requests on connections without one. It is asked for in the handshake: see "
            "client_certificate of the listener"},
           out.requires_certificate);
  map.read(kToUpstream, out.to_upstream);
}

}  // namespace chainmend::config
