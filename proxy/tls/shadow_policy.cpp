#include "proxy/tls/shadow_policy.h"

#include <algorithm>
#include <string_view>

#include "proxy/tls/openssl_ssl.h"

namespace chainmend::tls {
namespace {

using clients::ClientHello;

// Before supported_versions a hello named its best version and meant all below it (RFC 5246 E.1).
bool offers(const ClientHello& hello, std::uint16_t version) {
  return hello.supported_versions.empty() ? version <= hello.max_version()
                                          : std::ranges::find(hello.supported_versions, version) !=
                                                hello.supported_versions.end();
}

// OpenSSL says "SSLv3" and "TLSv1.0" of those that TLS 1.0 can use.
std::uint16_t since(const SSL_CIPHER* cipher) {
  const std::string_view version = SSL_CIPHER_get_version(cipher);
  return version == "TLSv1.3"   ? clients::kTls13
         : version == "TLSv1.2" ? clients::kTls12
                                : clients::kSsl3;
}

}  // namespace

Result<ShadowPolicy> ShadowPolicy::of(const TlsPolicy& policy) {
  const SslCtxPtr context = new_context(TLS_server_method());
  if (Result<void> applied = apply_policy(context.get(), policy); !applied) {
    return tl::unexpected(applied.error());
  }
  ShadowPolicy out;
  out.name_ = policy.name;
  out.min_ = policy.min_version;
  out.max_ = policy.max_version;
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    out.suites_.push_back({SSL_CIPHER_get_protocol_id(cipher), since(cipher)});
  }
  return out;
}

bool ShadowPolicy::accepts(const ClientHello& hello) const {
  for (std::uint16_t version = max_; version >= min_; --version) {
    if (offers(hello, version) && has_suite_for(version, hello)) {
      return true;
    }
  }
  return false;
}

bool ShadowPolicy::shares_version(const ClientHello& hello) const {
  for (std::uint16_t version = max_; version >= min_; --version) {
    if (offers(hello, version)) {
      return true;
    }
  }
  return false;
}

bool ShadowPolicy::has_suite_for(std::uint16_t version, const ClientHello& hello) const {
  return std::ranges::any_of(suites_, [&](const Suite& suite) {
    const bool fits =
        version == clients::kTls13 ? suite.since == clients::kTls13 : suite.since <= version;
    return fits && hello.offers_suite(suite.number);
  });
}

}  // namespace chainmend::tls
