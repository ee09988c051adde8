#include "proxy/diagnose/certificate_checks.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <chrono>

#include "certs/host_match.h"
#include "certs/time.h"

namespace chainmend::diagnose {
namespace {

using certs::Certificate;

constexpr std::chrono::days kSoon{30};
// Apple's clients of iOS 8.4 and before, and macOS of their time, verify no longer RSA key.
constexpr int kLongestRsaOfOldApple = 4096;

int signature_digest(const Certificate& certificate) {
  int digest = NID_undef;
  X509_get_signature_info(certificate.x509(), &digest, nullptr, nullptr, nullptr);
  return digest;
}

void check_dates(const Certificate& certificate, std::size_t index, certs::Time now,
                 std::vector<Finding>& findings) {
  if (certificate.not_after() < now) {
    findings.push_back({"expired", Severity::error, index,
                        "expired at " + certs::format_time(certificate.not_after()),
                        index == 0 ? "renew it" : "replace it with its successor"});
  } else if (now < certificate.not_before()) {
    findings.push_back({"not-yet-valid", Severity::error, index,
                        "not valid before " + certs::format_time(certificate.not_before()),
                        "check the clock here, and the date the certificate was made for"});
  } else if (certificate.not_after() - now < kSoon) {
    const auto days = std::chrono::floor<std::chrono::days>(certificate.not_after() - now).count();
    findings.push_back({"expires-soon", Severity::warning, index,
                        "expires in " + std::to_string(days) + (days == 1 ? " day" : " days") +
                            ", at " + certs::format_time(certificate.not_after()),
                        "renew it"});
  }
}

void check_strength(const Certificate& certificate, std::size_t index,
                    std::vector<Finding>& findings) {
  if (const std::string weakness = certificate.weakness(); !weakness.empty()) {
    findings.push_back({"weak", Severity::warning, index, weakness + ": clients of today refuse it",
                        "have it issued anew"});
  }
  const int digest = signature_digest(certificate);
  if (digest == NID_sha512 && !certificate.self_signed()) {
    findings.push_back({"sha512", Severity::warning, index,
                        "signed with SHA-512, which Windows Mobile 6 phones cannot verify "
                        "(0x80072f0d)",
                        "have it signed with SHA-256"});
  }
  const EVP_PKEY* key = X509_get0_pubkey(certificate.x509());
  if (key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 &&
      EVP_PKEY_get_bits(key) > kLongestRsaOfOldApple) {
    findings.push_back({"rsa-too-long", Severity::warning, index,
                        "an RSA key of " + std::to_string(EVP_PKEY_get_bits(key)) +
                            " bits, which iOS up to 8.4 cannot verify",
                        "use RSA 2048 or 4096"});
  }
}

void check_name(const Certificate& leaf, const std::string& host, std::vector<Finding>& findings) {
  if (!host.empty() && !certs::is_for_host(leaf, host)) {
    std::string names;
    for (const std::string& name : leaf.names()) {
      names += (names.empty() ? "" : ", ") + name;
    }
    findings.push_back({"name-mismatch", Severity::error, 0,
                        "not for " + host + ", but for " + (names.empty() ? "no name" : names),
                        "have it issued with this name, or ask by one of its names (--sni)"});
  }
  if (!leaf.has_dns_names()) {
    findings.push_back({"no-alternative-names", Severity::warning, 0,
                        "has no subjectAltName: browsers and phones of today look nowhere else",
                        "have it issued with its names as subjectAltName"});
  }
}

void check_usage(const Certificate& leaf, std::vector<Finding>& findings) {
  const std::uint32_t usage = X509_get_key_usage(leaf.x509());  // all ones: no such extension
  const EVP_PKEY* key = X509_get0_pubkey(leaf.x509());
  const bool rsa = key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1;
  if (rsa && (usage & KU_KEY_ENCIPHERMENT) == 0) {
    findings.push_back({"no-key-encipherment", Severity::warning, 0,
                        "keyUsage lacks keyEncipherment: with suites of static RSA, which old "
                        "phones may have alone, strict clients refuse it",
                        "have it issued with keyEncipherment"});
  }
  if (!leaf.may_serve()) {
    findings.push_back({"wrong-purpose", Severity::error, 0,
                        "its extended key usage does not allow TLS servers",
                        "have it issued for server authentication"});
  }
  if (leaf.ca_flag() == certs::CaFlag::yes) {
    findings.push_back({"leaf-is-ca", leaf.self_signed() ? Severity::note : Severity::warning, 0,
                        "a CA certificate serves as leaf; some clients refuse that",
                        "serve a certificate that is no CA"});
  }
}

}  // namespace

void check_certificate(const Certificate& certificate, std::size_t index, certs::Time now,
                       std::vector<Finding>& findings) {
  check_dates(certificate, index, now, findings);
  check_strength(certificate, index, findings);
}

void check_leaf(const Certificate& leaf, const std::string& host, std::vector<Finding>& findings) {
  check_name(leaf, host, findings);
  check_usage(leaf, findings);
}

}  // namespace chainmend::diagnose
