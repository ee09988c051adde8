#include "proxy/diagnose/lint/root_store.h"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "certs/bytes.h"
#include "proxy/diagnose/lint/issuer_list.h"
#include "proxy/diagnose/lint/listed_store.h"
#include "proxy/diagnose/lint/windows_store.h"

namespace chainmend::diagnose {

namespace {

using certs::Certificate;

// Ten thousand certificates of one name must not mean a hundred million signatures.
constexpr std::size_t kMaxSignaturesPerEntry = 16;
constexpr std::size_t kMaxDropsNamed = 5;

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
  RootStoreLint(const LintInput& input, certs::Time now, const InUse* in_use)
      : input_(input), now_(now), in_use_(in_use) {
    for (const Entry& entry : input.entries) {
      by_subject_.emplace(entry.certificate->subject_key(), entry.certificate.get());
      if (holds_roots(entry.store)) {
        roots_.push_back(&entry);
      } else {
        ++elsewhere_[entry.store];
      }
    }
    for (const ListedEntry& entry : input.listed) {
      if (holds_roots(entry.listed.store)) {
        thumbprints_.insert(entry.listed.thumbprint);
        ++verdict_.judged;
      } else {
        ++elsewhere_[entry.listed.store];
      }
    }
    verdict_.judged += roots_.size();
  }

  RootStoreVerdict judge() {
    verdict_.findings = input_.unreadable;
    for (const Place& key : input_.keys) {
      add_private_key(key);
    }
    for (const Entry* const entry : roots_) {
      judge(*entry);
    }
    std::ranges::move(judge_listed(input_, now_, in_use_), std::back_inserter(verdict_.findings));
    judge_count();
    judge_issuer_list();
    judge_phone_roots();
    tell_of_other_stores();
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

  // The fix takes the entry out of the store.
  void add_removal(Rule rule, const Entry& entry, std::string text, std::string fix) {
    add(rule, entry, std::move(text), std::move(fix));
    if (in_use_ != nullptr) {
      verdict_.findings.back().used_by = in_use_->users_of(entry);
    }
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
    if (entry.has_key) {
      add(Rule::private_key, entry, kKeyElsewhere, kRemoveKey);
    }
    if (certificate.self_signed() && certificate.ca_flag() == certs::CaFlag::no) {
      add_removal(Rule::not_a_ca, entry,
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
    const std::string fix = (signer == nullptr && !certificate.self_issued()
                                 ? "put its root '" + certificate.issuer() + "' in first; then "
                                 : "") +
                            move_to_intermediates(certs::thumbprint(certificate.der()));
    if (!certificate.self_issued()) {
      add_removal(Rule::not_self_signed, entry,
                  "issued by '" + certificate.issuer() + "', so it is no root: " + kRefused, fix);
      return;
    }
    add_removal(
        Rule::rekeyed_root, entry,
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
      add_removal(
          Rule::expired, entry,
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
    const std::size_t count = seen_.size() + listed_alone();
    if (count > kMaxRoots) {
      add(Rule::too_many_roots,
          fmt::format("{} certificates: more than {} in the store of roots are known to stop Lync "
                      "and Skype for Business servers",
                      count, kMaxRoots),
          "remove those that no client and no server here needs, the expired ones first");
    }
  }

  // Of the listed, those whose bytes are nowhere. Without thumbprints each counts.
  std::size_t listed_alone() const {
    std::set<std::string> with_bytes;
    for (const Entry* const entry : roots_) {
      with_bytes.insert(certs::thumbprint(entry->certificate->der()));
    }
    std::set<std::string> counted;
    std::size_t nameless = 0;
    for (const ListedEntry& entry : input_.listed) {
      const std::string& thumbprint = entry.listed.thumbprint;
      if (holds_roots(entry.listed.store) && !with_bytes.contains(thumbprint)) {
        nameless += thumbprint.empty() ? 1 : 0;
        counted.insert(thumbprint);
      }
    }
    counted.erase("");
    return counted.size() + nameless;
  }

  void judge_issuer_list() {
    const auto may_drop = [this](const Entry& entry) {
      return in_use_ == nullptr || in_use_->users_of(entry).empty();
    };
    const IssuerList list = issuer_list(roots_, now_, may_drop);
    if (!roots_.empty()) {
      verdict_.facts.push_back(
          fmt::format("As list of trusted issuers their names take {} bytes of the {} that Windows "
                      "sends.",
                      list.bytes, kMaxIssuerListBytes));
    }
    verdict_.issuer_list_bytes = list.bytes;
    if (list.bytes <= kMaxIssuerListBytes) {
      return;
    }
    std::string named;
    for (std::size_t i = 0; i < std::min(list.drops.size(), kMaxDropsNamed); ++i) {
      named += (i == 0 ? "" : " ") + certs::thumbprint(list.drops[i]->certificate->der());
    }
    const std::string need =
        in_use_ == nullptr ? "none that a client needs" : "none of those that are in use";
    add(Rule::issuer_list_too_long,
        fmt::format("the names of these roots take {} bytes as list of trusted issuers; Windows "
                    "sends {} at most and cuts the rest off (event 36885): clients whose issuer is "
                    "behind the cut send no certificate (403.7), and Server 2012 refuses them "
                    "whatever SendTrustedIssuerList says",
                    list.bytes, kMaxIssuerListBytes),
        list.drops.empty()
            ? "all of them are in use: let clients of other kinds have a server of their own"
            : fmt::format("remove {} of them, those that are no roots, expired or weak first, and "
                          "{}; begin with {}{}",
                          list.drops.size(), need, named,
                          list.is_enough ? "" : "; that alone is not enough"));
  }

  void judge_phone_roots() {
    if (verdict_.judged == 0 || thumbprints_.contains("")) {
      return;  // some are not known
    }
    for (const Entry* const entry : roots_) {
      thumbprints_.insert(certs::thumbprint(entry->certificate->der()));
    }
    for (const PhoneRoot& root : kPhoneRoots) {
      if (!thumbprints_.contains(root.thumbprint)) {
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

  void tell_of_other_stores() {
    for (const auto& [store, count] : elsewhere_) {
      verdict_.facts.push_back(fmt::format(
          "{} of the store '{}', which holds no roots: not judged.",
          count == 1 ? std::string("1 certificate is") : fmt::format("{} certificates are", count),
          store));
    }
  }

  const LintInput& input_;
  certs::Time now_;
  const InUse* in_use_;                           // null: nobody asked
  std::vector<const Entry*> roots_;               // those to judge
  std::set<std::string> thumbprints_;             // that are present; empty: one that is not known
  std::map<std::string, std::size_t> elsewhere_;  // certificates of other stores
  std::unordered_multimap<std::string, const Certificate*> by_subject_;
  std::unordered_map<certs::Sha256, const Entry*, certs::Sha256Hash> seen_;
  std::unordered_map<certs::Sha256, const Entry*, certs::Sha256Hash> entities_;
  RootStoreVerdict verdict_;
};

}  // namespace

RootStoreVerdict lint_root_store(const LintInput& input, certs::Time now, const InUse* in_use) {
  return RootStoreLint(input, now, in_use).judge();
}

}  // namespace chainmend::diagnose
