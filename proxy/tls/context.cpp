#include "proxy/tls/context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <new>
#include <utility>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/explain.h"

namespace chainmend::tls {
namespace {

using X509StackPtr =
    std::unique_ptr<STACK_OF(X509), decltype([](STACK_OF(X509) * s) { sk_X509_free(s); })>;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

// "*.contoso.com" for "mail.contoso.com" (RFC 6125 6.4.3: a wildcard stands for exactly the
// left-most label).
std::string wildcard_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string() : "*" + std::string(name.substr(dot));
}

std::vector<std::string> names_of(const ServerCertificate& certificate) {
  std::vector<std::string> names =
      certificate.names.empty() ? certificate.leaf->names() : certificate.names;
  std::ranges::transform(names, names.begin(), lower);
  return names;
}

// The certificates that answer to a name: those that have it first, then those with its wildcard.
std::vector<std::size_t> matching(const ServerSetup& setup, const std::string& name) {
  std::vector<std::size_t> exact;
  std::vector<std::size_t> wild;
  for (std::size_t i = 0; i < setup.certificates.size(); ++i) {
    const std::vector<std::string> names = names_of(setup.certificates[i]);
    if (std::ranges::find(names, name) != names.end()) {
      exact.push_back(i);
    } else if (!name.starts_with("*") &&
               std::ranges::find(names, wildcard_of(name)) != names.end()) {
      wild.push_back(i);
    }
  }
  exact.insert(exact.end(), wild.begin(), wild.end());
  return exact;
}

// The first of each key type, order kept: a context holds one certificate of each.
std::vector<std::size_t> one_per_key_type(const ServerSetup& setup,
                                          const std::vector<std::size_t>& candidates) {
  std::vector<std::size_t> chosen;
  for (const std::size_t candidate : candidates) {
    const auto type_of = [&](std::size_t i) {
      return EVP_PKEY_get_base_id(setup.certificates[i].key);
    };
    const bool taken = std::ranges::any_of(
        chosen, [&](std::size_t other) { return type_of(other) == type_of(candidate); });
    if (!taken) {
      chosen.push_back(candidate);
    }
  }
  return chosen;
}

Result<void> use_certificate(SSL_CTX* context, const ServerCertificate& certificate) {
  const X509StackPtr chain(sk_X509_new_null());
  for (const certs::CertificatePtr& link : certificate.chain) {
    sk_X509_push(chain.get(), link->x509());
  }
  ERR_clear_error();
  if (X509_check_private_key(certificate.leaf->x509(), certificate.key) != 1 ||
      SSL_CTX_use_certificate(context, certificate.leaf->x509()) != 1 ||
      SSL_CTX_use_PrivateKey(context, certificate.key) != 1 ||
      SSL_CTX_set1_chain(context, chain.get()) != 1) {
    return fail("certificate '" + certificate.name +
                "' cannot be served under this policy: " + certs::drain_openssl_errors());
  }
  return {};
}

// What every context of ours has in common: small idle connections, and one recv per record.
void use_common_settings(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context, 1);
}

// RFC 7301: http/1.1 when it is offered; a client that offers only others goes on without ALPN.
int choose_http(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned int offered_size, void*) noexcept {
  static constexpr std::string_view kHttp = "http/1.1";
  std::string_view rest(reinterpret_cast<const char*>(offered), offered_size);
  while (!rest.empty()) {
    const std::string_view name = rest.substr(1, static_cast<unsigned char>(rest[0]));
    if (name == kHttp) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *chosen_size = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  return SSL_TLSEXT_ERR_NOACK;
}

// Everything that two connections must share for one to resume the other's session. Lengths keep
// the parts apart.
std::string session_identity(const ServerSetup& setup,
                             const std::vector<std::size_t>& certificates) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size()) + ":" + std::string(part);
  };
  add(setup.listener);
  add(describe(setup.policy));
  for (const std::size_t i : certificates) {
    add(certs::hex(setup.certificates[i].leaf->fingerprint()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string server_name_of(SSL* ssl) {
  const unsigned char* body = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &body, &size) != 1) {
    return {};
  }
  std::string name = clients::read_server_name({body, size});
  if (name.ends_with('.')) {
    name.pop_back();
  }
  return name;
}

}  // namespace

Result<ServerContextPtr> ServerContext::create(const ServerSetup& setup, TicketKeys& tickets,
                                               SessionStore& sessions) {
  std::shared_ptr<ServerContext> context(new ServerContext);
  if (Result<void> built = context->build(setup, tickets, sessions); !built) {
    return tl::unexpected(built.error());
  }
  return context;
}

ServerContext::~ServerContext() = default;

Result<void> ServerContext::build(const ServerSetup& setup, TicketKeys& tickets,
                                  SessionStore& sessions) {
  policy_ = setup.policy;
  if (setup.certificates.empty()) {
    return fail("listener '" + setup.listener + "' has no certificate");
  }
  for (const ServerCertificate& certificate : setup.certificates) {
    names_of_leaves_.emplace_back(certificate.leaf, certificate.name);
  }
  std::vector<std::size_t> fallback = {0};
  if (const std::vector<std::string> names = names_of(setup.certificates[0]); !names.empty()) {
    std::ranges::copy(matching(setup, names[0]), std::back_inserter(fallback));
  }
  Result<std::size_t> variant =
      add_variant(setup, one_per_key_type(setup, fallback), tickets, sessions);
  for (std::size_t i = 0; i < setup.certificates.size() && variant; ++i) {
    for (const std::string& name : names_of(setup.certificates[i])) {
      if (variant && !by_name_.contains(name)) {
        variant =
            add_variant(setup, one_per_key_type(setup, matching(setup, name)), tickets, sessions);
        by_name_.emplace(name, variant.value_or(0));
      }
    }
  }
  if (!variant) {
    return tl::unexpected(variant.error());
  }
  return {};
}

Result<std::size_t> ServerContext::add_variant(const ServerSetup& setup,
                                               std::vector<std::size_t> certificates,
                                               TicketKeys& tickets, SessionStore& sessions) {
  const auto same = std::ranges::find(variants_, certificates, &Variant::certificates);
  if (same != variants_.end()) {
    return static_cast<std::size_t>(same - variants_.begin());
  }
  Variant variant{SslCtxPtr(SSL_CTX_new(TLS_server_method())), std::move(certificates), {}};
  SSL_CTX* context = variant.context.get();
  if (Result<void> applied = apply_policy(context, setup.policy); !applied) {
    return tl::unexpected(applied.error());
  }
  use_common_settings(context);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  for (const std::size_t i : variant.certificates) {
    if (Result<void> used = use_certificate(context, setup.certificates[i]); !used) {
      return tl::unexpected(used.error());
    }
  }
  variant.session_id_context = session_identity(setup, variant.certificates);
  SSL_CTX_set_client_hello_cb(context, &ServerContext::on_client_hello, this);
  if (setup.http) {
    SSL_CTX_set_alpn_select_cb(context, choose_http, nullptr);
  }
  tickets.attach(context);
  sessions.attach(context);
  variants_.push_back(std::move(variant));
  return variants_.size() - 1;
}

SslPtr ServerContext::new_ssl() const {
  SslPtr ssl(SSL_new(variants_.front().context.get()));
  if (ssl == nullptr) {
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl.get());
  return ssl;
}

const ServerContext::Variant& ServerContext::variant_for(std::string_view server_name) const {
  for (const std::string& name : {std::string(server_name), wildcard_of(server_name)}) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
      return variants_[found->second];
    }
  }
  return variants_.front();
}

// Runs before OpenSSL chooses a version or looks at a session. Switching the context brings
// certificates, suites and level, but neither the version range, options and groups nor the session
// id context: those are set on the connection.
int ServerContext::on_client_hello(SSL* ssl, int* alert, void* self) noexcept {
  const auto& context = *static_cast<const ServerContext*>(self);
  const Variant& variant = context.variant_for(server_name_of(ssl));
  const std::string& identity = variant.session_id_context;
  if (SSL_set_SSL_CTX(ssl, variant.context.get()) == nullptr ||
      SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(identity.data()),
                                 static_cast<unsigned int>(identity.size())) != 1) {
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  apply_policy(ssl, context.policy_);
  return SSL_CLIENT_HELLO_SUCCESS;
}

std::string_view ServerContext::certificate_name(const SSL* ssl) const {
  const X509* served = SSL_get_certificate(ssl);
  for (const auto& [leaf, name] : names_of_leaves_) {
    if (leaf->x509() == served) {
      return name;
    }
  }
  return {};
}

Result<ClientContextPtr> ClientContext::create(ClientSetup setup) {
  std::shared_ptr<ClientContext> made(new ClientContext);
  made->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = made->context_.get();
  if (Result<void> applied = apply_policy(context, setup.policy); !applied) {
    return tl::unexpected(applied.error());
  }
  use_common_settings(context);
  SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  if (setup.legacy_server_connect) {
    SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  }
  // IIS asks for a client certificate late: by renegotiation up to TLS 1.2 (allowed by default),
  // like this in TLS 1.3.
  SSL_CTX_set_post_handshake_auth(context, 1);
  if (setup.verifier != nullptr) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, &ClientContext::on_verify, made.get());
  }
  made->setup_ = std::move(setup);
  return made;
}

SslPtr ClientContext::new_ssl(const std::string& host) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl == nullptr) {
    throw std::bad_alloc();
  }
  SSL_set_connect_state(ssl.get());
  // Only a carrier for on_verify: OpenSSL's own check of the name does not run.
  X509_VERIFY_PARAM_set1_host(SSL_get0_param(ssl.get()), host.data(), host.size());
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
  if (address == nullptr) {
    SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  }
  ASN1_OCTET_STRING_free(address);
  return ssl;
}

int ClientContext::on_verify(X509_STORE_CTX* store, void* self) noexcept {
  const auto& context = *static_cast<const ClientContext*>(self);
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const char* host = X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0);
  std::vector<certs::CertificatePtr> list;
  Result<void> verdict;
  const STACK_OF(X509)* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent) && verdict; ++i) {
    certs::Result<certs::CertificatePtr> certificate =
        certs::Certificate::from_x509(sk_X509_value(sent, i));
    if (certificate) {
      list.push_back(*std::move(certificate));
    } else {
      verdict = fail("certificate " + std::to_string(i + 1) +
                     " of its list cannot be read: " + certificate.error().text);
    }
  }
  if (verdict) {
    verdict = context.setup_.verifier->verify(list, host == nullptr ? std::string() : host);
  }
  if (verdict) {
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  if (auto* trace = static_cast<HandshakeTrace*>(SSL_get_app_data(ssl)); trace != nullptr) {
    trace->verify_error = verdict.error().text;
  }
  return 0;
}

}  // namespace chainmend::tls
