#include "proxy/diagnose/lint/root_store.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "certs/bytes.h"

namespace chainmend::diagnose {

namespace {

using certs::Certificate;

// Ten thousand certificates of one name must not mean a hundred million signatures.
constexpr std::size_t kMaxSignaturesPerEntry = 16;
constexpr std::size_t kMaxDropsNamed = 5;
constexpr int kShortestRsa = 2048;

// The makers' roots of phone certificates, as the keystore of a headquarters server has them.
struct PhoneRoot {
  const char* file;
  const char* phones;
  const char* thumbprint;
};
constexpr PhoneRoot kPhoneRoots[] = {
    {"shoretel_mfg_ca.crt", "IP400", "191A1C5696F2BFF780D0187F5735040E5CAF2B0D"},
    {"mitel_mfg_ca.crt", "6900", "2ECE1B7E0D824D4168E1E011657187415719F2D9"},
};

constexpr const char* kRefused =
    "IIS on Windows Server 2012 and later then refuses clients that it should trust (403.16 with "
    "2148204809, or 403.7 with SendTrustedIssuerList = 1)";

std::string entry_path(const std::string& thumbprint) {
  return "Cert:\\LocalMachine\\Root\\" + thumbprint;
}
std::string remove_entry(const std::string& thumbprint) {
  return "Remove-Item " + entry_path(thumbprint);
}

std::string place_text(const Place& place) {
  return place.file +
         (place.line > 0 ? fmt::format(":{}", place.line) : fmt::format(", entry {}", place.entry));
}

std::size_t name_bytes(const Certificate& certificate) {
  const int size = i2d_X509_NAME(X509_get_subject_name(certificate.x509()), nullptr);
  return size > 0 ? static_cast<std::size_t>(size) + 2 : 0;  // RFC 5246 7.4.4: two for its length
}

bool has_short_rsa(const Certificate& certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate.x509());
  return key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) < kShortestRsa;
}

const char* weak_digest(const Certificate& certificate) {
  int digest = NID_undef;
  X509_get_signature_info(certificate.x509(), &digest, nullptr, nullptr, nullptr);
  return digest == NID_sha1                            ? "SHA-1"
         : digest == NID_md5 || digest == NID_md5_sha1 ? "MD5"
         : digest == NID_undef &&
                 X509_get_signature_nid(certificate.x509()) == NID_md2WithRSAEncryption
             ? "MD2"
             : nullptr;
}

class RootStoreLint {
 public:
  RootStoreLint(const LintInput& input, certs::Time now) : input_(input), now_(now) {
    for (const Entry& entry : input.entries) {
      by_subject_.emplace(entry.certificate->subject_key(), entry.certificate.get());
    }
  }

  RootStoreVerdict judge() {
    verdict_.findings = input_.unreadable;
    for (const Place& key : input_.keys) {
      add_private_key(key);
    }
    for (const Entry& entry : input_.entries) {
      judge(entry);
    }
    judge_count();
    judge_issuer_list();
    judge_phone_roots();
    sort_by_severity();
    return std::move(verdict_);
  }

 private:
  void sort_by_severity() {
    std::vector<LintFinding> sorted;
    for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
      std::ranges::copy_if(
          verdict_.findings, std::back_inserter(sorted),
          [severity](const LintFinding& one) { return one.finding.severity == severity; });
    }
    verdict_.findings = std::move(sorted);
  }

  void add(Rule rule, std::string text, std::string fix) {
    verdict_.findings.push_back(
        {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
         {},
         {},
         {}});
  }

  void add(Rule rule, const Entry& entry, std::string text, std::string fix) {
    add(rule, std::move(text), std::move(fix));
    LintFinding& last = verdict_.findings.back();
    last.place = entry.place;
    last.subject = entry.certificate->subject();
    last.thumbprint = certs::thumbprint(entry.certificate->der());
  }

  void add_private_key(const Place& place) {
    add(Rule::private_key,
        "there is a private key among the roots: whoever can read this file can pretend to be its "
        "owner",
        "take it out, and if others could read it, have its certificate issued anew");
    verdict_.findings.back().place = place;
  }

  void judge(const Entry& entry) {
    const Certificate& certificate = *entry.certificate;
    const auto [first, is_new] = seen_.emplace(certificate.fingerprint(), &entry);
    if (!is_new) {
      add(Rule::duplicate, entry, "the same certificate as " + place_text(first->second->place),
          "take one of them out");
      return;
    }
    judge_signature(entry);
    judge_dates(entry);
    judge_strength(entry);
    if (certificate.self_signed() && certificate.ca_flag() == certs::CaFlag::no) {
      add(Rule::not_a_ca, entry,
          "its basicConstraints say that it is no CA: what it signed is refused",
          remove_entry(certs::thumbprint(certificate.der())));
    }
    const auto [same, is_new_entity] = entities_.emplace(certificate.entity(), &entry);
    if (!is_new_entity && certificate.self_signed()) {
      add(Rule::same_key_twice, entry,
          "the same name and the same key as " + place_text(same->second->place) +
              ": two editions of one root; either will do",
          "keep the one that lasts longer");
    }
  }

  // Whose key verifies the signature of certificate; null: of nobody here.
  const Certificate* signer_of(const Certificate& certificate) const {
    std::size_t tries = 0;
    const auto [first, last] = by_subject_.equal_range(certificate.issuer_key());
    for (auto at = first; at != last && tries < kMaxSignaturesPerEntry; ++at) {
      if (at->second->fingerprint() != certificate.fingerprint()) {
        ++tries;
        if (certs::verifies(certificate, *at->second)) {
          return at->second;
        }
      }
    }
    return nullptr;
  }

  void judge_signature(const Entry& entry) {
    const Certificate& certificate = *entry.certificate;
    if (certificate.self_signed()) {
      return;
    }
    const Certificate* const signer = signer_of(certificate);
    const std::string path = entry_path(certs::thumbprint(certificate.der()));
    const std::string fix = (signer == nullptr && !certificate.self_issued()
                                 ? "put its root '" + certificate.issuer() + "' in first; then "
                                 : "") +
                            "Move-Item " + path +
                            " -Destination Cert:\\LocalMachine\\CA; then Restart-Service W3SVC";
    if (!certificate.self_issued()) {
      add(Rule::not_self_signed, entry,
          "issued by '" + certificate.issuer() + "', so it is no root: " + kRefused, fix);
      return;
    }
    add(Rule::rekeyed_root, entry,
        "names itself as its issuer, but its own key does not verify its signature" +
            (signer == nullptr
                 ? std::string(", nor does any other here")
                 : "; the one of " + certs::thumbprint(signer->der()) +
                       " does: the root changed its key and the old one signed the new one") +
            ". It is no root: " + kRefused,
        fix);
  }

  void judge_dates(const Entry& entry) {
    const Certificate& certificate = *entry.certificate;
    if (certificate.not_after() < now_) {
      add(Rule::expired, entry,
          "expired at " + certs::format_time(certificate.not_after()) +
              ": what it signed is refused, and its name makes the list of trusted issuers longer",
          remove_entry(certs::thumbprint(certificate.der())));
    } else if (now_ < certificate.not_before()) {
      add(Rule::not_yet_valid, entry,
          "not valid before " + certs::format_time(certificate.not_before()),
          "check the clock here, and the date the certificate was made for");
    }
  }

  void judge_strength(const Entry& entry) {
    const Certificate& certificate = *entry.certificate;
    if (has_short_rsa(certificate)) {
      add(Rule::weak_key, entry,
          certificate.key_description() + ": OpenSSL 3 refuses chains with it at its default level",
          "replace it with its successor, and have anew what it signed");
    }
    if (const char* const digest = weak_digest(certificate)) {
      // A signature that nobody has to verify is no danger; that of an intermediate is.
      add(Rule::weak_signature, entry,
          std::string("signed with ") + digest +
              (certificate.self_signed() ? ": clients trust a root by its key and do not look at "
                                           "this signature, scanners do"
                                         : ": clients of today refuse it in a chain"),
          certificate.self_signed() ? "" : "have it issued anew");
    }
  }

  void judge_count() {
    if (seen_.size() > kMaxRoots) {
      add(Rule::too_many_roots,
          fmt::format("{} certificates: more than {} in the store of roots are known to stop Lync "
                      "and Skype for Business servers",
                      seen_.size(), kMaxRoots),
          "remove those that no client and no server here needs, the expired ones first");
    }
  }

  // Most dispensable first: those that are no roots, the expired, the weak; then the longest name.
  std::vector<std::pair<const Entry*, std::size_t>> in_order_of_dropping() const {
    std::map<std::string, std::pair<const Entry*, std::size_t>> names;
    for (const Entry& entry : input_.entries) {
      names.emplace(entry.certificate->subject_key(),
                    std::pair(&entry, name_bytes(*entry.certificate)));
    }
    std::vector<std::pair<const Entry*, std::size_t>> all;
    all.reserve(names.size());
    for (auto& [name, entry] : names) {
      all.push_back(entry);
    }
    std::ranges::sort(all, std::less<>(), [this](const auto& one) {
      const Certificate& certificate = *one.first->certificate;
      const int rank = !certificate.self_signed()       ? 0
                       : certificate.not_after() < now_ ? 1
                       : has_short_rsa(certificate)     ? 2
                                                        : 3;
      return std::tuple(rank, -static_cast<long>(one.second), certificate.fingerprint());
    });
    return all;
  }

  void judge_issuer_list() {
    const auto order = in_order_of_dropping();
    std::size_t bytes = 0;
    for (const auto& [entry, size] : order) {
      bytes += size;
    }
    verdict_.issuer_list_bytes = bytes;
    if (bytes <= kMaxIssuerListBytes) {
      return;
    }
    std::size_t left = bytes;
    std::size_t drops = 0;
    std::string named;
    while (left > kMaxIssuerListBytes) {
      const auto& [entry, size] = order[drops++];
      left -= size;
      if (drops <= kMaxDropsNamed) {
        named += (named.empty() ? "" : " ") + certs::thumbprint(entry->certificate->der());
      }
    }
    add(Rule::issuer_list_too_long,
        fmt::format("the names of these roots take {} bytes as list of trusted issuers; Windows "
                    "sends {} at most and cuts the rest off (event 36885): clients whose issuer is "
                    "behind the cut send no certificate (403.7), and Server 2012 refuses them "
                    "whatever SendTrustedIssuerList says",
                    bytes, kMaxIssuerListBytes),
        fmt::format("remove {} of them, those that are no roots, expired or weak first, and none "
                    "that a client needs; begin with {}",
                    drops, named));
  }

  void judge_phone_roots() {
    std::set<std::string> present;
    for (const Entry& entry : input_.entries) {
      present.insert(certs::thumbprint(entry.certificate->der()));
    }
    for (const PhoneRoot& root : kPhoneRoots) {
      if (!input_.entries.empty() && !present.contains(root.thumbprint)) {
        add(Rule::phone_root_missing,
            fmt::format("{} ({}) is not here: if Mitel {} phones sign in to this server with "
                        "their certificates, it refuses them (403.16)",
                        root.file, root.thumbprint, root.phones),
            fmt::format("Import-Certificate -FilePath {} -CertStoreLocation "
                        "Cert:\\LocalMachine\\Root",
                        root.file));
      }
    }
  }

  const LintInput& input_;
  certs::Time now_;
  std::unordered_multimap<std::string, const Certificate*> by_subject_;
  std::unordered_map<certs::Sha256, const Entry*, certs::Sha256Hash> seen_;
  std::unordered_map<certs::Sha256, const Entry*, certs::Sha256Hash> entities_;
  RootStoreVerdict verdict_;
};

}  // namespace

RootStoreVerdict lint_root_store(const LintInput& input, certs::Time now) {
  return RootStoreLint(input, now).judge();
}

}  // namespace chainmend::diagnose
