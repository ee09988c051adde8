#include "proxy/tls/context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <set>
#include <utility>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/explain.h"
#include "proxy/tls/use_certificate.h"

namespace chainmend::tls {
namespace {

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

using Certificates = std::vector<ServerCertificate>;

// The certificates that answer to a name: those that have it first, then those with its wildcard.
std::vector<std::size_t> matching(const Certificates& all, const std::string& name) {
  std::vector<std::size_t> exact;
  std::vector<std::size_t> wild;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<std::string> names = names_of(all[i]);
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
std::vector<std::size_t> one_per_key_type(const Certificates& all,
                                          const std::vector<std::size_t>& candidates) {
  std::vector<std::size_t> chosen;
  for (const std::size_t candidate : candidates) {
    const auto type_of = [&](std::size_t i) { return EVP_PKEY_get_base_id(all[i].key); };
    const bool taken = std::ranges::any_of(
        chosen, [&](std::size_t other) { return type_of(other) == type_of(candidate); });
    if (!taken) {
      chosen.push_back(candidate);
    }
  }
  return chosen;
}

using SecurityCallback = int (*)(const SSL*, const SSL_CTX*, int, int, int, void*, void*);

// OpenSSL's own, which has no name.
SecurityCallback default_security_callback() {
  static const SecurityCallback callback =
      SSL_CTX_get_security_callback(new_context(TLS_server_method()).get());
  return callback;
}

// The security callback of a context whose certificates may be weak: what is said of our own
// certificates' keys and digests passes, everything else is judged as ever.
int allow_weak_certificates(const SSL* ssl, const SSL_CTX* context, int operation, int bits,
                            int nid, void* other, void* extra) noexcept {
  if (operation == SSL_SECOP_EE_KEY || operation == SSL_SECOP_CA_KEY ||
      operation == SSL_SECOP_CA_MD) {
    return 1;
  }
  return default_security_callback()(ssl, context, operation, bits, nid, other, extra);
}

Result<void> serve_certificate(SSL_CTX* context, const ServerCertificate& certificate) {
  SSL_CTX_set_security_callback(
      context, certificate.allow_weak ? allow_weak_certificates : default_security_callback());
  if (!use_certificate(context, *certificate.leaf, certificate.key, certificate.chain)) {
    const unsigned long error = ERR_peek_error();
    const bool weak = ERR_GET_REASON(error) == SSL_R_EE_KEY_TOO_SMALL ||
                      ERR_GET_REASON(error) == SSL_R_CA_KEY_TOO_SMALL ||
                      ERR_GET_REASON(error) == SSL_R_CA_MD_TOO_WEAK;
    return fail("certificate '" + certificate.name +
                "' cannot be served under this policy: " + certs::drain_openssl_errors() +
                (weak ? "; \"weak: allow\" on the certificate serves it all the same" : ""));
  }
  return {};
}

Result<void> use_certificates(SSL_CTX* context, const Certificates& all,
                              const std::vector<std::size_t>& chosen) {
  bool any_weak = false;
  for (const std::size_t i : chosen) {
    if (Result<void> used = serve_certificate(context, all[i]); !used) {
      return used;
    }
    any_weak = any_weak || all[i].allow_weak;
  }
  if (any_weak) {  // asked again in each handshake
    SSL_CTX_set_security_callback(context, allow_weak_certificates);
  }
  return {};
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
std::string session_identity(const std::string& listener, const TlsPolicy& policy,
                             const ClientAuthentication& client_certificate,
                             const Certificates& all,
                             const std::vector<std::size_t>& certificates) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size()) + ":" + std::string(part);
  };
  add(listener);
  add(describe(policy));
  add(client_certificate.identity);
  for (const std::size_t i : certificates) {
    add(certs::hex(all[i].leaf->fingerprint()));
  }
  return std::string(certs::as_text(certs::sha256(certs::as_bytes(text))));
}

ServedList list_of(const ServerCertificate& certificate) {
  ServedList list{certificate.name,
                  certificate.chain_name,
                  {certificate.leaf},
                  certificate.complete,
                  certificate.issuer};
  list.links.insert(list.links.end(), certificate.chain.begin(), certificate.chain.end());
  return list;
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

// Makes the contexts of one ServerContext.
class ServerContext::Builder {
 public:
  Builder(ServerContext& made, bool http, TicketKeys& tickets, SessionStore& sessions)
      : made_(made), http_(http), tickets_(tickets), sessions_(sessions) {}

  Result<Terms> build(const TlsPolicy& policy, const Certificates& all,
                      const ClientAuthentication& client_certificate) {
    Terms terms;
    terms.policy = policy;
    terms.client_certificate = client_certificate;
    if (all.empty()) {
      return fail("listener '" + made_.listener_ + "' has no certificate");
    }
    std::ranges::transform(all, std::back_inserter(terms.lists), list_of);
    std::vector<std::size_t> fallback = {0};
    if (const std::vector<std::string> names = names_of(all[0]); !names.empty()) {
      std::ranges::copy(matching(all, names[0]), std::back_inserter(fallback));
    }
    Result<std::size_t> variant = add_variant(terms, all, one_per_key_type(all, fallback));
    for (std::size_t i = 0; i < all.size() && variant; ++i) {
      for (const std::string& name : names_of(all[i])) {
        if (variant && !terms.by_name.contains(name)) {
          variant = add_variant(terms, all, one_per_key_type(all, matching(all, name)));
          terms.by_name.emplace(name, variant.value_or(0));
        }
      }
    }
    if (!variant) {
      return tl::unexpected(variant.error());
    }
    return terms;
  }

 private:
  Result<std::size_t> add_variant(Terms& terms, const Certificates& all,
                                  std::vector<std::size_t> certificates) {
    const auto same = std::ranges::find(terms.variants, certificates, &Variant::certificates);
    if (same != terms.variants.end()) {
      return static_cast<std::size_t>(same - terms.variants.begin());
    }
    Variant variant{.context = new_context(TLS_server_method()),
                    .certificates = std::move(certificates)};
    for (const std::size_t i : variant.certificates) {
      const int type = EVP_PKEY_get_base_id(all[i].key);
      variant.has_rsa_key = variant.has_rsa_key || type == EVP_PKEY_RSA;
      variant.has_ecdsa_key = variant.has_ecdsa_key || type == EVP_PKEY_EC;
    }
    SSL_CTX* context = variant.context.get();
    if (Result<void> applied = apply_policy(context, terms.policy); !applied) {
      return tl::unexpected(applied.error());
    }
    use_common_settings(context);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    if (Result<void> used = use_certificates(context, all, variant.certificates); !used) {
      return tl::unexpected(used.error());
    }
    if (Result<void> prepared = prepare_to_ask(context, terms.client_certificate); !prepared) {
      return tl::unexpected(prepared.error());
    }
    variant.session_id_context = session_identity(
        made_.listener_, terms.policy, terms.client_certificate, all, variant.certificates);
    SSL_CTX_set_client_hello_cb(context, &ServerContext::on_client_hello, &made_);
    if (http_) {
      SSL_CTX_set_alpn_select_cb(context, choose_http, nullptr);
    }
    tickets_.attach(context);
    sessions_.attach(context);
    terms.variants.push_back(std::move(variant));
    return terms.variants.size() - 1;
  }

  ServerContext& made_;
  bool http_;
  TicketKeys& tickets_;
  SessionStore& sessions_;
};

Result<ServerContextPtr> ServerContext::create(const ServerSetup& setup, TicketKeys& tickets,
                                               SessionStore& sessions) {
  std::shared_ptr<ServerContext> context(new ServerContext);
  context->listener_ = setup.listener;
  context->classifier_ = setup.classifier;
  Builder builder(*context, setup.http, tickets, sessions);
  Result<Terms> everyone =
      builder.build(setup.policy, setup.certificates, setup.client_certificate);
  if (!everyone) {
    return tl::unexpected(everyone.error());
  }
  context->everyone_ = *std::move(everyone);
  for (const ClientTerms& some : setup.for_clients) {
    Result<Terms> terms = builder.build(some.policy, some.certificates, some.client_certificate);
    if (!terms) {
      return tl::unexpected(terms.error());
    }
    context->for_clients_.emplace_back(some.client_type, *std::move(terms));
  }
  return context;
}

ServerContext::~ServerContext() = default;

SslPtr ServerContext::new_ssl() const {
  SslPtr ssl(SSL_new(everyone_.variants.front().context.get()));
  if (ssl == nullptr) {
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl.get());
  return ssl;
}

const ServerContext::Variant& ServerContext::Terms::variant_for(
    std::string_view server_name) const {
  for (const std::string& name : {std::string(server_name), wildcard_of(server_name)}) {
    if (const auto found = by_name.find(name); found != by_name.end()) {
      return variants[found->second];
    }
  }
  return variants.front();
}

// Never by what was learned of the client: the terms must be the same on its first connection.
const ServerContext::Terms& ServerContext::terms_for(const HandshakeTrace* trace) const {
  if (for_clients_.empty() || trace == nullptr || trace->hello == nullptr) {
    return everyone_;
  }
  const clients::ClientType type =
      classifier_->admit({trace->peer, listener_, *trace->hello, trace->ja4}).type;
  const auto found =
      std::ranges::find(for_clients_, type, [](const auto& some) { return some.first; });
  return found == for_clients_.end() ? everyone_ : found->second;
}

// Runs before OpenSSL chooses a version or looks at a session. Switching the context brings
// certificates, suites and level, but neither the version range, options and groups nor the session
// id context: those are set on the connection.
int ServerContext::on_client_hello(SSL* ssl, int* alert, void* self) noexcept {
  const auto& context = *static_cast<const ServerContext*>(self);
  const Terms& terms = context.terms_for(static_cast<const HandshakeTrace*>(SSL_get_app_data(ssl)));
  const Variant& variant = terms.variant_for(server_name_of(ssl));
  const std::string& identity = variant.session_id_context;
  if (SSL_set_SSL_CTX(ssl, variant.context.get()) == nullptr ||
      SSL_set_session_id_context(ssl, reinterpret_cast<const unsigned char*>(identity.data()),
                                 static_cast<unsigned int>(identity.size())) != 1) {
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  ask_for_certificate(ssl, terms.client_certificate);
  if (&terms != &context.everyone_) {  // whose policy it has from new_ssl()
    apply_policy(ssl, terms.policy);
  }
  return SSL_CLIENT_HELLO_SUCCESS;
}

ServedFacts ServerContext::Terms::served(const Variant& variant, const X509* leaf) const {
  const auto is_served = [&](std::size_t i) { return lists[i].links.front()->x509() == leaf; };
  const auto found = std::ranges::find_if(variant.certificates, is_served);
  const std::size_t index =
      found == variant.certificates.end() ? variant.certificates.front() : *found;
  return {&policy, &lists[index], variant.has_rsa_key, variant.has_ecdsa_key};
}

ServedFacts ServerContext::served(const SSL* ssl) const {
  const SSL_CTX* context = SSL_get_SSL_CTX(ssl);
  const X509* leaf = SSL_get_certificate(ssl);
  const auto in = [&](const Terms& terms) {
    const auto found = std::ranges::find_if(
        terms.variants, [&](const Variant& variant) { return variant.context.get() == context; });
    return found == terms.variants.end() ? ServedFacts{} : terms.served(*found, leaf);
  };
  ServedFacts facts = in(everyone_);
  for (auto some = for_clients_.begin(); facts.list == nullptr && some != for_clients_.end();
       ++some) {
    facts = in(some->second);
  }
  return facts;
}

std::vector<std::string> ServerContext::server_names() const {
  std::set<std::string> names;
  const auto add = [&names](const Terms& terms) {
    for (const auto& [name, variant] : terms.by_name) {
      names.insert(name);
    }
  };
  add(everyone_);
  for (const auto& [type, terms] : for_clients_) {
    add(terms);
  }
  return {names.begin(), names.end()};
}

}  // namespace chainmend::tls
