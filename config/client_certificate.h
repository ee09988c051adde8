// ClientCertificates: whether clients are asked for a certificate, whose are taken, and how the
// servers behind learn of it. Plain data, as config.h.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/types.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

enum class AskForCertificate {
  never,
  optional,  // who shows none is served without
  required,  // who shows none is refused in the handshake
};
inline constexpr enums::Names<AskForCertificate> kAskForCertificateNames{"never", "optional",
                                                                         "required"};

// What a client's certificate has to be made for.
enum class ClientPurpose {
  client,  // extendedKeyUsage has clientAuth and keyUsage digitalSignature, where they are there
  any,
};
inline constexpr enums::Names<ClientPurpose> kClientPurposeNames{"client", "any"};

// What a certificate is for whose issuer has no CRL that is in date.
enum class Revocation {
  soft,  // good, unless an old CRL has it
  hard,  // refused
};
inline constexpr enums::Names<Revocation> kRevocationNames{"soft", "hard"};

// The names of CAs that are sent along with the wish.
struct CaNames {
  bool of_trust = true;                // the subjects of `trust`
  std::vector<Located<Path>> files{};  // or of the certificates in these; neither: no names
  bool operator==(const CaNames&) const = default;
};

struct ClientCertificates {
  AskForCertificate request = AskForCertificate::never;
  std::vector<Located<Path>> trust;  // not empty unless `never`
  CaNames ca_names;
  std::size_t depth = 5;  // certificates of a chain, the client's and the root among them
  std::vector<Located<Path>> crls;
  Revocation revocation = Revocation::hard;
  ClientPurpose purposes = ClientPurpose::client;
  Location at;
};

// Fields of a request whose form their name says.
enum class IdentityHeader {
  arr,                // base64 of the DER (IIS)
  client_cert,        // RFC 9440
  client_cert_chain,  // the same
  xfcc,               // Envoy
  ssl_client_cert,    // the PEM, URL-encoded (nginx)
};
inline constexpr enums::Names<IdentityHeader> kIdentityHeaderNames{
    "X-ARR-ClientCert", "Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert",
    "X-SSL-Client-Cert"};

// What stands in braces in the value of a field.
enum class IdentityWord { subject, issuer, cn, serial, sha1, sha256, not_after, verify };
inline constexpr enums::Names<IdentityWord> kIdentityWordNames{
    "subject", "issuer", "cn", "serial", "sha1", "sha256", "not_after", "verify"};

// The text before the first word of a template, that word, and the text behind it. Without a word
// `before` is all of it. A brace that no word stands in is text.
struct TemplateParts {
  std::string_view before;
  std::string_view word;  // what the braces hold, known or not
  std::string_view rest;
};
TemplateParts next_word(std::string_view text);

// How a server behind learns which certificate a client has shown: by fields of the request.
struct IdentityHeaders {
  std::vector<IdentityHeader> headers;
  std::vector<std::pair<Located<std::string>, std::string>> fields;  // name and template
  bool operator==(const IdentityHeaders&) const = default;
  bool empty() const { return headers.empty() && fields.empty(); }
};

}  // namespace chainmend::config
