#include "proxy/diagnose/probe/client_verdict.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <string_view>

#include "certs/host_match.h"
#include "certs/time.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"

namespace chainmend::diagnose {
namespace {

using certs::Certificate;
using certs::CertificatePtr;
using clients::ClientStack;

// What clients show for a fault, by the beginning of their type. Sources: the WinINet error codes
// (12045, 12037 and 12038 as HRESULTs), the names of Chromium's net errors, of NSS, the messages of
// OpenJDK's PKIX validation and of OpenSSL's X509_V_ERR codes.
struct Words {
  std::string_view type;
  std::string_view chain;
  std::string_view date;
  std::string_view name;
  std::string_view purpose;
};
constexpr std::array kWords = {
    Words{"lync_phone_edition", "0x80072f0d", "0x80072f05", "0x80072f06", ""},
    Words{"windows", "0x80072f0d", "0x80072f05", "0x80072f06", ""},
    Words{"chromium", "ERR_CERT_AUTHORITY_INVALID", "ERR_CERT_DATE_INVALID",
          "ERR_CERT_COMMON_NAME_INVALID", ""},
    Words{"firefox", "SEC_ERROR_UNKNOWN_ISSUER", "SEC_ERROR_EXPIRED_CERTIFICATE",
          "SSL_ERROR_BAD_CERT_DOMAIN", "SEC_ERROR_INADEQUATE_CERT_TYPE"},
    Words{"java", "PKIX path building failed", "CertificateExpiredException",
          "No subject alternative names matching",
          "Extended key usage does not permit use for TLS server authentication"},
    Words{"openssl", "verify error 20 (unable to get local issuer certificate)",
          "verify error 10 (certificate has expired)", "verify error 62 (hostname mismatch)",
          "verify error 26 (unsuitable certificate purpose)"},
};

std::string shown_for(ClientFault fault, std::string_view type) {
  const auto* const found = std::ranges::find_if(
      kWords, [type](const Words& words) { return type.starts_with(words.type); });
  if (found == kWords.end()) {
    return {};
  }
  switch (fault) {
    case ClientFault::intermediate:
    case ClientFault::order:
    case ClientFault::root:
      return std::string(found->chain);
    case ClientFault::date:
      return std::string(found->date);
    case ClientFault::name:
      return std::string(found->name);
    case ClientFault::purpose:
      return std::string(found->purpose);
    default:
      return {};
  }
}

std::string offers(const ClientStack& stack) {
  std::uint16_t best = stack.version;
  for (const std::uint16_t version : stack.versions) {
    best = clients::is_grease(version) ? best : std::max(best, version);
  }
  return best >= clients::kTls13
             ? std::string("up to TLS 1.3")
             : std::string("TLS 1.") + std::to_string((best & 0xff) - 1) + " at most";
}

// Why the server did not go on with this hello.
std::string refusal(const ClientStack& stack, const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::alert:
      return "the server refuses its hello with alert " + std::to_string(answer.alert->code) +
             " (" + tls::alert_name(answer.alert->code) + "); it offers " + offers(stack);
    case Answer::Kind::closed:
      return "the server closes the connection on its hello; it offers " + offers(stack);
    case Answer::Kind::reset:
      return "the server resets the connection on its hello; it offers " + offers(stack);
    case Answer::Kind::silent:
      return "the server does not answer its hello in time";
    default:
      return "what the server answers is no TLS";
  }
}

unsigned digest_bits(const Certificate& certificate) {
  int digest = NID_undef;
  X509_get_signature_info(certificate.x509(), &digest, nullptr, nullptr, nullptr);
  const EVP_MD* const md = digest == NID_undef ? nullptr : EVP_get_digestbynid(digest);
  return md == nullptr ? 0 : 8 * static_cast<unsigned>(EVP_MD_get_size(md));
}

// What of this certificate the client cannot verify or refuses; empty: nothing.
std::string unreadable(const ClientStack& stack, const Certificate& one) {
  const EVP_PKEY* key = X509_get0_pubkey(one.x509());
  if (key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1) {
    const auto bits = static_cast<unsigned>(EVP_PKEY_get_bits(key));
    const bool too_long = stack.max_rsa_bits != 0 && bits > stack.max_rsa_bits;
    if (too_long || bits < stack.min_rsa_bits) {
      return std::string(too_long ? "it cannot verify" : "it refuses") + " an RSA key of " +
             std::to_string(bits) + " bits ('" + one.common_name() + "')";
    }
  }
  const unsigned bits = one.self_signed() ? 0 : digest_bits(one);
  if (bits == 0) {
    return {};
  }
  if (bits > stack.max_digest_bits) {
    return "it cannot verify a signature with SHA-" + std::to_string(bits) + " (on '" +
           one.common_name() + "')";
  }
  if (bits < stack.min_digest_bits) {
    return "it refuses a signature with " + std::string(bits == 160 ? "SHA-1" : "MD5") + " (on '" +
           one.common_name() + "')";
  }
  return {};
}

// Of the certificates on the way to the root; of all of them when there is no way.
std::string unreadable(const ClientStack& stack, const Shown& shown) {
  const auto& list = shown.verdict->complete ? shown.verdict->repaired : *shown.list;
  for (const CertificatePtr& one : list) {
    if (std::string what = unreadable(stack, *one); !what.empty()) {
      return what;
    }
  }
  return {};
}

bool out_of_order(const ListVerdict& verdict) {
  return std::ranges::find(verdict.findings, "wrong-order", &Finding::id) != verdict.findings.end();
}

void fail(ClientVerdict& out, ClientFault fault, std::string why) {
  out.outcome = ClientOutcome::fails;
  out.fault = fault;
  out.why = std::move(why);
  out.shows = shown_for(fault, out.stack->type);
}

void depend(ClientVerdict& out, ClientFault fault, std::string on) {
  out.outcome = ClientOutcome::depends;
  out.fault = fault;
  out.why = std::move(on);
}

// Where clients that fetch may find the issuer: they take plain HTTP alone. Empty: nowhere.
std::string fetchable_issuer(const Certificate& certificate) {
  const auto& urls = certificate.aia_urls();
  const auto found =
      std::ranges::find_if(urls, [](const std::string& url) { return url.starts_with("http://"); });
  return found == urls.end() ? "" : *found;
}

// The list does not lead to a trusted root by itself.
void judge_incomplete(const ListVerdict& verdict, const Shown& shown, ClientVerdict& out) {
  const Certificate& last = *shown.list->back();
  if (!verdict.missing.empty()) {
    const std::string name = "'" + verdict.missing.front().certificate->common_name() + "'";
    const std::string url = fetchable_issuer(last);
    if (!out.stack->fetches_aia) {
      fail(out, ClientFault::intermediate, "intermediate " + name + " is missing");
    } else if (url.empty()) {
      fail(out, ClientFault::intermediate,
           "intermediate " + name +
               " is missing, and the certificate names no address to fetch it from");
    } else {
      depend(out, ClientFault::intermediate,
             "if it can fetch the missing " + name + " from " + url);
    }
    return;
  }
  const bool untrusted =
      verdict.failure && verdict.failure->reason == certs::Reason::untrusted_root;
  if (untrusted && shown.trust_is_its_own) {
    fail(out, ClientFault::root, "it does not have the root that the list leads to");
  } else if (untrusted) {
    depend(out, ClientFault::root, "if it trusts '" + last.issuer() + "'");
  } else if (verdict.failure && verdict.failure->reason == certs::Reason::no_issuer) {
    const std::string issuer = "'" + verdict.failure->at->issuer() + "'";
    const std::string url = fetchable_issuer(*verdict.failure->at);
    if (shown.trust_is_its_own && out.stack->fetches_aia && !url.empty()) {
      depend(out, ClientFault::intermediate, "if it can fetch " + issuer + " from " + url);
      return;
    }
    if (shown.trust_is_its_own) {
      fail(out, ClientFault::intermediate,
           "nothing that was sent leads to one of its roots: " + issuer + " is missing");
      return;
    }
    // Nobody here can tell a missing intermediate from a root that only the client has.
    depend(out, ClientFault::intermediate, "if " + issuer + " is a root that it trusts");
  } else {
    fail(out, ClientFault::intermediate,
         verdict.failure ? verdict.failure->describe() : "the list leads to no root");
  }
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

// A suite that encrypts to the certificate's key, and a keyUsage that does not allow it (RFC 5280
// 4.2.1.3): some clients mind, most do not.
bool key_may_not_encipher(const Certificate& leaf, std::uint16_t suite) {
  return clients::key_exchange_of(suite) == clients::KeyExchangeKind::rsa &&
         (X509_get_key_usage(leaf.x509()) & KU_KEY_ENCIPHERMENT) == 0;
}

void judge_list_for(const Shown& shown, ClientVerdict& out) {
  const ListVerdict& verdict = *shown.verdict;
  const Certificate& leaf = *shown.list->front();
  if (!leaf.valid_at(shown.now)) {
    fail(out, ClientFault::date,
         leaf.not_after() < shown.now
             ? "the certificate expired at " + certs::format_time(leaf.not_after())
             : "the certificate is not valid before " + certs::format_time(leaf.not_before()));
  } else if (!shown.host.empty() && !certs::is_for_host(leaf, shown.host)) {
    fail(out, ClientFault::name, "the certificate is not for " + shown.host);
  } else if (!shown.host.empty() && out.stack->needs_alternative_names && !leaf.has_dns_names() &&
             !is_address(shown.host)) {
    fail(out, ClientFault::name, "it takes names from subjectAltName alone, and there is none");
  } else if (!leaf.may_serve()) {
    fail(out, ClientFault::purpose,
         "the certificate's extended key usage does not allow TLS servers");
  } else if (out.stack->max_certificates != 0 && shown.list->size() > out.stack->max_certificates) {
    fail(out, ClientFault::length,
         "it takes a list of " + std::to_string(out.stack->max_certificates) +
             " certificates at most, and gets " + std::to_string(shown.list->size()));
  } else if (const std::string what = unreadable(*out.stack, shown); !what.empty()) {
    fail(out, ClientFault::key, what);
  } else if (!verdict.complete) {
    judge_incomplete(verdict, shown, out);
  } else if (out.stack->needs_order && out_of_order(verdict)) {
    fail(out, ClientFault::order, "the list is out of order");
  } else if (key_may_not_encipher(leaf, out.suite)) {
    depend(out, ClientFault::key,
           "if it does not mind that keyUsage lacks keyEncipherment, which its suite needs");
  } else if (shown.needs_certificate) {
    depend(out, ClientFault::certificate, "if it shows a certificate that the server accepts");
  } else if (!shown.trust_is_its_own) {
    depend(out, ClientFault::none, "if it trusts '" + verdict.root->subject() + "'");
  } else {
    out.outcome = ClientOutcome::connects;
  }
}

}  // namespace

ClientVerdict judge_client(const ClientStack& stack, const Answer& answer, const Shown& shown) {
  ClientVerdict out;
  out.stack = &stack;
  if (!answer.accepted()) {
    fail(out, ClientFault::refused, refusal(stack, answer));
    return out;
  }
  out.version = answer.hello->version;
  out.suite = answer.hello->suite;
  out.group = answer.hello->group != 0 ? answer.hello->group
              : answer.key_exchange    ? answer.key_exchange->group
                                       : std::uint16_t{0};
  if (shown.list == nullptr || shown.verdict == nullptr) {
    depend(out, ClientFault::none, "on the certificates, which could not be seen");
    return out;
  }
  judge_list_for(shown, out);
  return out;
}

}  // namespace chainmend::diagnose
