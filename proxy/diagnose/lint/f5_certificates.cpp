// Of client-ssl profiles: what clients are shown.
#include <algorithm>
#include <iterator>

#include "certs/certificate_reader.h"
#include "certs/trust_profile.h"
#include "proxy/diagnose/f5/certificate_list.h"
#include "proxy/diagnose/f5/mapping.h"
#include "proxy/diagnose/lint/chain.h"
#include "proxy/diagnose/lint/f5_findings.h"

namespace chainmend::diagnose {

namespace {

using f5::CertificateEntry;
using f5::Object;

std::vector<certs::CertificatePtr> read(const F5Findings& in, const std::string& name) {
  std::vector<certs::CertificatePtr> out;
  if (const certs::Bytes* const bytes = in.question.store.certificate(name)) {
    for (certs::FoundCertificate& one : certs::read_certificates(*bytes, name).certificates) {
      out.push_back(std::move(one.certificate));
    }
  }
  return out;
}

// What `tmsh list sys file ssl-cert` tells of a certificate, where its bytes are not at hand.
bool is_self_signed(const F5Findings& in, const CertificateEntry& entry) {
  const auto bytes = read(in, entry.cert);
  if (!bytes.empty()) {
    return bytes.front()->self_signed();
  }
  const Object* const file = in.question.config.find("sys file ssl-cert", entry.cert, entry.from);
  return file != nullptr && !file->value("issuer").empty() &&
         file->value("issuer") == file->value("subject");
}

std::string chain_line(const Object& profile, const CertificateEntry& entry,
                       const std::string& chain) {
  const std::string modify = "tmsh modify ltm profile client-ssl " + profile.name;
  return entry.name.empty()
             ? modify + " chain " + chain
             : modify + " cert-key-chain modify { " + entry.name + " { chain " + chain + " } }";
}

void judge_list(F5Findings& in, const Object& profile, const CertificateEntry& entry,
                const std::string& users) {
  auto list = read(in, entry.cert);
  auto chain = read(in, entry.chain);
  if (list.empty() || chain.empty()) {
    return;
  }
  list.resize(1);
  const auto is_issuer = [&list](const certs::CertificatePtr& one) {
    return one->subject() == list.front()->issuer();
  };
  if (std::ranges::none_of(chain, is_issuer)) {
    in.say(Rule::f5_wrong_chain, *entry.from, entry.at,
           profile.name + " (" + users + ") sends " + entry.cert + " with " + entry.chain +
               ", and none of that is its issuer '" + list.front()->issuer() +
               "': whoever does not have that already refuses it",
           chain_line(profile, entry, "/Common/INTERMEDIATES.crt"));
    return;
  }
  std::ranges::move(chain, std::back_inserter(list));
  std::vector<Entry> entries;
  std::vector<certs::CertificatePtr> roots;
  for (const certs::CertificatePtr& one : list) {
    if (one->self_signed()) {
      roots.push_back(one);
    }
    entries.push_back({one, {entry.chain, entries.size() + 1, 0}});
  }
  const auto trust = std::make_shared<const certs::TrustProfile>("the list itself", roots);
  for (const LintFinding& one : lint_chain({entries, trust, {}, in.question.now}).findings) {
    const std::string& id = one.finding.id;
    if (id == "wrong-order" || id == "unrelated" || id == "root-included" || id == "duplicate" ||
        id == "expired" || id == "not-yet-valid" || id == "leaf-not-first") {
      LintFinding said = one;
      said.finding.text = profile.name + " (" + users + ") sends " + entry.cert + " with " +
                          entry.chain + ": " + said.finding.text;
      said.finding.fix = "import the intermediates in their order into one file, and " +
                         chain_line(profile, entry, "/Common/NEW.crt");
      said.place = {entry.from->file, 0, entry.at->line};
      in.all.push_back(std::move(said));
    }
  }
}

void lint_entry(F5Findings& in, const Object& profile, const CertificateEntry& entry,
                const std::string& users) {
  if (entry.from == nullptr || f5::full_name(entry.cert) == "/Common/default.crt") {
    in.say(Rule::f5_default_certificate, entry.from == nullptr ? profile : *entry.from, entry.at,
           profile.name + " (" + users + ") shows F5's own default.crt, which no client trusts",
           "tmsh modify ltm profile client-ssl " + profile.name +
               " cert-key-chain replace-all-with { NAME { cert /Common/NAME.crt key "
               "/Common/NAME.key chain /Common/CHAIN.crt } }");
    return;
  }
  const std::string chain = f5::full_name(entry.chain);
  if (entry.chain.empty() && !is_self_signed(in, entry)) {
    in.say(Rule::f5_no_chain, *entry.from, entry.at,
           profile.name + " (" + users + ") has no chain for " + entry.cert +
               ": the leaf is sent alone, and whoever does not have the intermediate already, such "
               "as phones "
               "(0x80072f0d), refuses it",
           chain_line(profile, entry, "/Common/INTERMEDIATES.crt"));
  } else if (chain == "/Common/default.crt" || chain == "/Common/ca-bundle.crt" ||
             chain == "/Common/f5-ca-bundle.crt") {
    in.say(Rule::f5_chain_is_store, *entry.from, entry.at,
           profile.name + " (" + users + ") has " + chain +
               " for a chain, which holds roots and no intermediates",
           chain_line(profile, entry, "/Common/INTERMEDIATES.crt"));
  } else {
    judge_list(in, profile, entry, users);
  }
}

// Whoever inherits the list ignores what he has himself, and the other way round.
void lint_ways(F5Findings& in, const Object& profile, const std::string& users) {
  const f5::Statement* const list = profile.statement.find("cert-key-chain");
  const f5::Statement* const cert = profile.statement.find("cert");
  const f5::Statement* const inherits = profile.statement.find("inherit-certkeychain");
  if (inherits != nullptr && inherits->value() == "true" && (list != nullptr || cert != nullptr)) {
    in.say(Rule::f5_inherits_certificates, profile, inherits,
           profile.name + " (" + users + ") has certificates, and shows those of " +
               profile.value("defaults-from") + ", because of inherit-certkeychain true",
           "tmsh modify ltm profile client-ssl " + profile.name + " inherit-certkeychain false");
  }
  const auto entries = f5::certificates_of(in.question.config, profile);
  const bool differs = cert != nullptr && list != nullptr &&
                       std::ranges::none_of(entries, [cert](const CertificateEntry& one) {
                         return f5::full_name(one.cert) == f5::full_name(cert->value());
                       });
  if (differs) {
    in.say(Rule::f5_stale_certificate, profile, cert,
           profile.name + " (" + users + ") names " + cert->value() +
               " beside its cert-key-chain, which alone counts",
           "");
  }
}

void lint_versions(F5Findings& in, const Object& profile, const std::string& users) {
  const f5::Property options = in.question.config.property(profile, "options");
  const auto versions = f5::versions_of(options, in.question.config);
  if (!versions.empty() && versions.front() != "1.0") {
    in.say(Rule::f5_tls10_off, profile, options,
           profile.name + " (" + users + ") speaks TLS " + versions.front() +
               " and better: Lync Phone Edition and the "
               "Mitel IP400 speak nothing but 1.0",
           "give phones a virtual of their own, or a chainmend before this one with for_clients: "
           "policy legacy-tls10");
  }
  for (const char* key : {"ssl-c3d", "proxy-ssl", "ssl-forward-proxy"}) {
    const f5::Property on = in.question.config.property(profile, key);
    if (on.value == "enabled") {
      in.say(Rule::f5_re_signs, profile, on,
             profile.name + " (" + users + ") has " + key +
                 ": who stands on the other side sees certificates that the BIG-IP makes",
             "");
    }
  }
}

// A passphrase that the master key does not hide.
void lint_passphrases(F5Findings& in) {
  for (const char* kind : {"ltm profile client-ssl", "ltm profile server-ssl"}) {
    for (const Object* profile : in.question.config.all(kind)) {
      std::vector<const f5::Statement*> said{profile->statement.find("passphrase")};
      if (const f5::Statement* const list = profile->statement.find("cert-key-chain")) {
        for (const f5::Statement& entry : list->body) {
          said.push_back(entry.find("passphrase"));
        }
      }
      for (const f5::Statement* one : said) {
        if (one != nullptr && one->value() != "none" && !one->value().starts_with("$M$")) {
          in.say(Rule::f5_passphrase, *profile, one,
                 profile->name + " has the passphrase of a key in clear",
                 "treat the key as known to whoever has this file, and make a new one");
        }
      }
    }
  }
}

}  // namespace

void lint_f5_certificates(F5Findings& in) {
  for (const Object* profile : in.question.config.all("ltm profile client-ssl")) {
    const std::string users = users_of(in, *profile);
    if (users.empty()) {
      continue;  // nobody is shown it
    }
    for (const CertificateEntry& entry : f5::certificates_of(in.question.config, *profile)) {
      lint_entry(in, *profile, entry, users);
    }
    lint_ways(in, *profile, users);
    lint_versions(in, *profile, users);
  }
  lint_passphrases(in);
}

}  // namespace chainmend::diagnose
