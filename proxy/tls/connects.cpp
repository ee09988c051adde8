#include "proxy/tls/connects.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/make_hello.h"
#include "proxy/tls/capability.h"
#include "proxy/tls/probe.h"

namespace chainmend::tls {
namespace {

using clients::ClientStack;

Connects refused(Obstacle obstacle, std::string why) {
  return {obstacle, std::move(why), 0, {}, {}};
}

// One answer of OpenSSL's to a hello.
struct Answer {
  bool served = false;  // it sent its flight and waits for the client's
  int error = 0;        // an SSL_R_ constant when it refused
  int key_type = 0;     // an EVP_PKEY_ constant: of the certificate it chose
  Connects agreed;      // when served
};

// A server context with the policy; each replay adds the certificates.
Answer replay(SSL_CTX* context, const std::vector<std::uint8_t>& hello) {
  ERR_clear_error();
  const SslPtr ssl(SSL_new(context));
  BIO* in = BIO_new_mem_buf(hello.data(), static_cast<int>(hello.size()));
  BIO_set_mem_eof_return(in, -1);  // after the hello: wait for more
  SSL_set_bio(ssl.get(), in, BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl.get());
  const int result = SSL_do_handshake(ssl.get());
  Answer answer;
  if (SSL_get_error(ssl.get(), result) == SSL_ERROR_WANT_READ) {
    answer.served = true;
    answer.key_type = EVP_PKEY_get_base_id(SSL_get_privatekey(ssl.get()));
    answer.agreed.version = static_cast<std::uint16_t>(SSL_version(ssl.get()));
    answer.agreed.suite = SSL_CIPHER_get_name(SSL_get_pending_cipher(ssl.get()));
    answer.agreed.group = group_of(ssl.get());
  }
  answer.error = ERR_GET_REASON(ERR_peek_error());
  ERR_clear_error();
  return answer;
}

Result<SslCtxPtr> context_of(const TlsPolicy& policy) {
  SslCtxPtr context = new_context(TLS_server_method());
  if (Result<void> applied = apply_policy(context.get(), policy); !applied) {
    return tl::unexpected(applied.error());
  }
  return context;
}

bool is_about_version(int error) {
  return error == SSL_R_UNSUPPORTED_PROTOCOL || error == SSL_R_VERSION_TOO_LOW ||
         error == SSL_R_VERSION_TOO_HIGH || error == SSL_R_NO_PROTOCOLS_AVAILABLE;
}

std::string version_obstacle(const TlsPolicy& policy, const std::vector<std::uint8_t>& hello) {
  const std::uint16_t best = clients::parse_client_hello(hello).hello.max_version();
  return best < policy.min_version ? "speaks " + version_name(best) + " at most"
                                   : "speaks nothing as old as " + version_name(policy.max_version);
}

std::string key_name(EVP_PKEY* key) {
  const int type = EVP_PKEY_get_base_id(key);
  const std::string bits = std::to_string(EVP_PKEY_get_bits(key));
  if (type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) {
    return (type == EVP_PKEY_RSA ? "RSA key of " : "RSA-PSS key of ") + bits + " bits";
  }
  if (type == EVP_PKEY_EC) {
    std::string curve(64, '\0');
    std::size_t size = 0;
    EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &size);
    curve.resize(size);
    const char* nist = EC_curve_nid2nist(OBJ_sn2nid(curve.c_str()));
    return "ECDSA key on " + (nist != nullptr ? std::string(nist) : curve);
  }
  return std::string(OBJ_nid2sn(type)) + " key";
}

// The same policy with all groups that clients of stacks.h have.
TlsPolicy with_every_group(TlsPolicy policy) {
  policy.groups = {"X25519", "P-256", "P-384", "P-521", "X448"};
  return policy;
}

bool has_any_suite_of(const ClientStack& stack) {
  return std::ranges::any_of(stack.suites,
                             [](std::uint16_t suite) { return capability().has_suite(suite); });
}

// Why a hello that a policy refuses with this key is refused: what would have to be otherwise.
Connects explain_refusal(const ClientStack& stack, const TlsPolicy& policy, EVP_PKEY* key,
                         const std::vector<std::uint8_t>& hello, int error) {
  const auto answer_with_probe_keys = [&](const TlsPolicy& changed) {
    const Result<SslCtxPtr> context = context_of(changed);
    if (!context) {
      return Answer{};
    }
    use_probe_certificates(context->get());
    return replay(context->get(), hello);
  };
  if (const Answer other = answer_with_probe_keys(policy); other.served) {
    // OpenSSL has no TLS 1.3 with a key that TLS 1.3 has no signature for, such as one on P-224.
    const bool by_signature =
        error == SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM || is_about_version(error);
    return refused(
        Obstacle::key_type,
        (by_signature ? "accepts no signature of an " : "has no suite in common for an ") +
            key_name(key) + ", but with an " + (other.key_type == EVP_PKEY_RSA ? "RSA" : "ECDSA") +
            " key it connects");
  }
  if (is_about_version(error)) {
    return refused(Obstacle::version, version_obstacle(policy, hello));
  }
  if (answer_with_probe_keys(with_every_group(policy)).served) {
    return refused(Obstacle::group, "has none of the policy's groups");
  }
  return refused(Obstacle::suite, has_any_suite_of(stack)
                                      ? "offers none of the policy's suites"
                                      : "offers no suite that this OpenSSL has: only RC4, DES and "
                                        "3DES (deploy/openssl-weak.md)");
}

// Bits of the hash in a certificate's signature; 0: it has none of its own (EdDSA).
unsigned digest_bits(const X509* certificate) {
  int digest = 0;
  X509_get_signature_info(const_cast<X509*>(certificate), &digest, nullptr, nullptr, nullptr);
  const EVP_MD* algorithm = EVP_get_digestbynid(digest);
  return algorithm == nullptr ? 0 : static_cast<unsigned>(EVP_MD_get_size(algorithm)) * 8;
}

// What the client's row says and its hello does not.
std::optional<Connects> obstacle_in_row(const ClientStack& stack, const TlsPolicy& policy,
                                        const OfferedKey& offered, const Connects& agreed) {
  const auto bits = static_cast<unsigned>(EVP_PKEY_get_bits(offered.key));
  const int type = EVP_PKEY_get_base_id(offered.key);
  if ((type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS) && stack.max_rsa_bits != 0 &&
      bits > stack.max_rsa_bits) {
    return refused(Obstacle::key_size, "takes RSA keys of at most " +
                                           std::to_string(stack.max_rsa_bits) + " bits, not of " +
                                           std::to_string(bits));
  }
  unsigned longest = digest_bits(offered.leaf);
  for (const X509* link : offered.chain) {
    longest = std::max(longest, digest_bits(link));
  }
  if (longest > stack.max_digest_bits) {
    return refused(Obstacle::digest, "does not know the SHA-" + std::to_string(longest) +
                                         " of a signature in the chain");
  }
  if (agreed.group.starts_with("DH ") && stack.max_dh_bits != 0 &&
      policy.dh_bits > stack.max_dh_bits) {
    return refused(Obstacle::dh_size, "takes Diffie-Hellman groups of at most " +
                                          std::to_string(stack.max_dh_bits) + " bits, not of " +
                                          std::to_string(policy.dh_bits));
  }
  return std::nullopt;
}

}  // namespace

Connects connects(const ClientStack& stack, const TlsPolicy& policy, const OfferedKey& offered) {
  const Result<SslCtxPtr> context = context_of(policy);
  if (!context) {
    return refused(Obstacle::policy, context.error().text);
  }
  ERR_clear_error();
  if (SSL_CTX_use_certificate(context->get(), offered.leaf) != 1 ||
      SSL_CTX_use_PrivateKey(context->get(), offered.key) != 1) {
    return refused(Obstacle::policy,
                   "the policy refuses the certificate: " + certs::drain_openssl_errors());
  }
  const std::vector<std::uint8_t> hello = clients::make_hello(stack, "probe.invalid");
  const Answer answer = replay(context->get(), hello);
  if (!answer.served) {
    return explain_refusal(stack, policy, offered.key, hello, answer.error);
  }
  return obstacle_in_row(stack, policy, offered, answer.agreed).value_or(answer.agreed);
}

}  // namespace chainmend::tls
