#include "certs/openssl.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace chainmend::certs {

namespace {

using Words = std::pair<std::string_view, std::string_view>;

// OpenSSL's reasons that people meet, and what they mean. From crypto/*/*_err.c and ssl/ssl_err.c.
constexpr std::array<Words, 16> kPlainWords{{
    {"ca md too weak", "a CA certificate of the chain is signed with a digest that is too weak"},
    {"ca key too small", "the key of a CA certificate of the chain is too short"},
    {"ee key too small", "the key of the certificate is too short"},
    {"dh key too small", "the DHE group is too short"},
    {"no start line", "there is no BEGIN line"},
    {"bad end line", "the END line does not fit the BEGIN line"},
    {"bad base64 decode", "the text between BEGIN and END is not base64"},
    {"wrong tag", "the bytes are not the ASN.1 that belongs here"},
    {"header too long", "the bytes are cut off, or not ASN.1"},
    {"not enough data", "the bytes are cut off"},
    {"wrong version number", "no TLS is spoken there"},
    {"unsupported protocol", "no TLS version suits both sides"},
    {"no shared cipher", "no cipher suite suits both sides"},
    {"sslv3 alert handshake failure",
     "the other side ended it with handshake_failure: no version, "
     "suite or certificate suited it"},
    {"tlsv1 alert protocol version", "the other side refuses this TLS version"},
    {"unsafe legacy renegotiation disabled",
     "the other side lacks secure renegotiation (RFC 5746)"},
}};

}  // namespace

std::string in_plain_words(std::string_view reason) {
  const auto* const known = std::ranges::find(kPlainWords, reason, &Words::first);
  return known == kPlainWords.end()
             ? std::string(reason)
             : std::string(known->second) + " (OpenSSL: " + std::string(reason) + ")";
}

std::string drain_openssl_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) {
      text += ", ";
    }
    text += reason != nullptr ? in_plain_words(reason) : "error " + std::to_string(code);
  }
  return text;
}

}  // namespace chainmend::certs
