#include "proxy/tls/capability.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "proxy/tls/openssl_ssl.h"
#include "proxy/tls/probe.h"

namespace chainmend::tls {
namespace {

bool completes_at(int version) {
  const SslCtxPtr server = make_probe_server();
  const SslCtxPtr client = make_probe_client();
  for (SSL_CTX* context : {server.get(), client.get()}) {
    if (SSL_CTX_set_min_proto_version(context, version) != 1 ||
        SSL_CTX_set_max_proto_version(context, version) != 1) {
      return false;
    }
  }
  return probe_handshake(server.get(), client.get()).has_value();
}

// RFC 5246 E.2: version 3.1, one suite (TLS_RSA_WITH_AES_128_CBC_SHA), a challenge of 16 bytes.
bool answers_sslv2_hello() {
  const SslCtxPtr context = make_probe_server();
  const SslPtr server(SSL_new(context.get()));
  std::array<unsigned char, 30> hello = {0x80, 28, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f};
  BIO* in = BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size()));
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(server.get(), in, out);
  ERR_clear_error();
  SSL_accept(server.get());
  ERR_clear_error();
  const unsigned char* answer = nullptr;
  const long size = BIO_get_mem_data(out, &answer);
  return size > 5 && answer[0] == SSL3_RT_HANDSHAKE && answer[5] == SSL3_MT_SERVER_HELLO;
}

}  // namespace

bool Capability::has_suite(std::uint16_t suite) const {
  return std::ranges::binary_search(suites, suite);
}

Capability probe_capability() {
  Capability found;
  found.library = OpenSSL_version(OPENSSL_VERSION);
  found.ssl3 = completes_at(SSL3_VERSION);
  found.tls1_0 = completes_at(TLS1_VERSION);
  found.tls1_1 = completes_at(TLS1_1_VERSION);
  found.tls1_2 = completes_at(TLS1_2_VERSION);
  found.tls1_3 = completes_at(TLS1_3_VERSION);
  found.sslv2_hello = answers_sslv2_hello();
  const SslCtxPtr context = make_probe_server();
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    const std::string_view name = SSL_CIPHER_get_name(cipher);
    found.rc4 = found.rc4 || name.find("RC4") != std::string_view::npos;
    found.triple_des = found.triple_des || name.find("CBC3") != std::string_view::npos;
    found.suites.push_back(SSL_CIPHER_get_protocol_id(cipher));
  }
  std::ranges::sort(found.suites);
  return found;
}

const Capability& capability() {
  static const Capability probed = probe_capability();
  return probed;
}

}  // namespace chainmend::tls
