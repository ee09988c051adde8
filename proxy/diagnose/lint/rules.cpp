#include "proxy/diagnose/lint/rules.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace chainmend::diagnose {

namespace {

constexpr enums::Array<RuleInfo, Rule> kRules{{{
    {"all", Severity::error, "an entry or a file that cannot be read as certificates"},
    {"all", Severity::warning, "a text of which a part is missing or garbled"},
    {"root-store", Severity::note, "a listing without certificates, and what it leaves unchecked"},
    {"root-store", Severity::warning, "a value that a listing cut off"},
    {"root-store", Severity::note, "a date whose day and month cannot be told apart"},
    {"root-store", Severity::error, "a private key beside the certificates"},
    {"root-store", Severity::error, "a certificate that another one signed, among the roots"},
    {"root-store", Severity::error,
     "a root that names itself as its issuer, but was signed by another key"},
    {"root-store", Severity::warning, "a certificate after its last day"},
    {"root-store", Severity::warning, "a certificate before its first day"},
    {"root-store", Severity::warning, "a root whose basicConstraints say that it is no CA"},
    {"root-store", Severity::warning, "a key that clients of today refuse"},
    {"root-store", Severity::note, "a root that signed itself with SHA-1 or MD5"},
    {"root-store", Severity::warning, "the same certificate once more"},
    {"root-store", Severity::note, "two roots with the same name and the same key"},
    {"root-store", Severity::warning, "more than 100 roots"},
    {"root-store", Severity::error, "a list of trusted issuers of more than 16 KB"},
    {"root-store", Severity::note, "no root of the makers of Mitel and ShoreTel phones"},
    {"chain", Severity::error, "a file that does not begin with the certificate of the server"},
    {"chain", Severity::error, "more certificates in one file than any chain has"},
    {"chain", Severity::error, "a list that clients of a --trust-profile refuse"},
    {"pfx", Severity::error, "a file without a private key"},
    {"pfx", Severity::error, "a key that belongs to no certificate of the file"},
    {"pfx", Severity::warning, "a leaf without its issuer"},
    {"pfx", Severity::note, "several keys"},
    {"pfx", Severity::warning, "RC2, RC4 or DES, which OpenSSL 3 does not read by itself"},
    {"pfx", Severity::note, "PBES2, which Windows Server 2016 and older do not read"},
    {"pfx", Severity::warning, "no integrity check"},
    {"pfx", Severity::warning, "no password"},
    {"HOST", Severity::error, "a server that cannot be reached, or shows no certificate"},
    {"HOST", Severity::warning, "another certificate for clients that name no server"},
    {"keystore", Severity::error, "no server.crt"},
    {"keystore", Severity::warning, "a server.crt whose issuers are not in the keystore"},
    {"keystore", Severity::error, "an nginx.crt that is not server.crt"},
    {"keystore", Severity::error, "a key that belongs to no certificate, or not to server.crt"},
    {"keystore", Severity::warning, "a server that does not speak TLS 1.0"},
    {"keystore, iis", Severity::error, "a certificate bound that is not the one to be shown"},
    {"iis", Severity::error, "a binding without a certificate"},
    {"iis", Severity::warning, "a bound certificate that is in none of the files"},
    {"iis", Severity::error, "a bound certificate whose private key is not there"},
    {"iis", Severity::warning, "a bound certificate that has a successor"},
    {"iis", Severity::error, "a binding for a name that its certificate is not for"},
    {"iis", Severity::error, "a site that is configured with another certificate than is bound"},
    {"iis", Severity::warning, "a port that has bindings for named servers only"},
    {"iis", Severity::note, "a binding that does not ask for certificates of clients at once"},
    {"f5", Severity::error, "a part of a configuration that cannot be read"},
    {"f5", Severity::error, "a certificate that is sent without its intermediates"},
    {"f5", Severity::error, "a chain that does not begin with the issuer of the certificate"},
    {"f5", Severity::error, "a chain that is a store of roots"},
    {"f5", Severity::error, "F5's own default.crt in use"},
    {"f5", Severity::error, "certificates that do not count, as those of a parent do"},
    {"f5", Severity::note, "a cert beside cert-key-chain, which alone counts"},
    {"f5", Severity::note, "a profile without TLS 1.0, which old phones need"},
    {"f5", Severity::note, "certificates that the BIG-IP makes itself"},
    {"f5", Severity::warning, "a passphrase in clear"},
    {"f5", Severity::warning, "servers whose certificates nobody verifies"},
    {"f5", Severity::error, "a monitor whose line ends are escaped twice"},
    {"f5", Severity::error, "a monitor that asks by HTTP/1.1 without Host"},
    {"f5", Severity::warning, "a monitor that any answer satisfies"},
    {"f5", Severity::warning, "a monitor that gives up after one late answer"},
    {"f5", Severity::error, "a pool without members"},
    {"f5", Severity::note, "a member that is switched off"},
    {"f5", Severity::warning, "idle times below the long polls of Exchange"},
    {"f5", Severity::warning, "OneConnect without care for NTLM"},
    {"f5", Severity::note, "persistence by source address"},
    {"f5", Severity::warning, "persistence by TLS session"},
    {"f5", Severity::error, "a name that no file has"},
    {"f5", Severity::note, "an iRule that changes where requests go, or who gets in"},
}}};

// The findings of judge_list(), served_list.h.
constexpr RuleLine kListRules[] = {
    {"duplicate", {"chain, f5", Severity::warning, "the same certificate once more"}},
    {"wrong-order",
     {"chain, f5", Severity::error, "a certificate that did not sign the one before it"}},
    {"unrelated",
     {"chain, f5", Severity::warning, "a certificate that signed nothing in the list"}},
    {"list-too-long", {"chain", Severity::warning, "more certificates than Java takes"}},
    {"root-included", {"chain, f5", Severity::note, "the root at the end of the list"}},
    {"intermediate-missing", {"chain", Severity::error, "a gap between the list and a root"}},
    {"root-not-trusted", {"chain", Severity::error, "a root that is not among --roots"}},
    {"no-way-to-a-root", {"chain", Severity::error, "another reason why no root is reached"}},
    {"expired",
     {"chain, pfx, keystore, iis, f5", Severity::error, "a certificate after its last day"}},
    {"not-yet-valid",
     {"chain, pfx, keystore, iis, f5", Severity::error, "a certificate before its first day"}},
    {"expires-soon",
     {"chain, pfx, keystore, iis", Severity::warning, "a certificate in its last 30 days"}},
    {"weak",
     {"chain, pfx, keystore, iis", Severity::warning,
      "a key or signature that clients of today refuse"}},
    {"sha512",
     {"chain, pfx, keystore, iis", Severity::warning,
      "a signature that Windows Mobile 6 cannot verify"}},
    {"rsa-too-long",
     {"chain, pfx, keystore, iis", Severity::warning, "a key that iOS up to 8.4 cannot verify"}},
    {"name-mismatch", {"HOST, keystore", Severity::error, "a leaf that is not for this host"}},
    {"list-not-read", {"HOST", Severity::error, "a list that is malformed or far too long"}},
    {"no-alternative-names", {"chain", Severity::warning, "a leaf without subjectAltName"}},
    {"no-key-encipherment", {"chain", Severity::warning, "a leaf that static RSA may not use"}},
    {"wrong-purpose", {"chain", Severity::error, "a leaf that is for no TLS server"}},
    {"other-leaf", {"chain", Severity::warning, "a server that shows another leaf than the file"}},
    {"same-leaf", {"chain", Severity::note, "a server that shows the leaf of the file"}},
    {"only-here",
     {"chain", Severity::note, "a certificate that the server shows, not in the file"}},
    {"only-there", {"chain", Severity::warning, "a certificate that the server does not show"}},
    {"other-order", {"chain", Severity::warning, "a server that shows another order"}},
    {"leaf-is-ca", {"chain", Severity::warning, "a CA certificate as leaf; of its own root: note"}},
};

}  // namespace

const RuleInfo& info_on(Rule rule) { return kRules[rule]; }

void gravest_first(std::vector<LintFinding>& findings) {
  std::vector<LintFinding> sorted;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    std::ranges::copy_if(findings, std::back_inserter(sorted), [severity](const LintFinding& one) {
      return one.finding.severity == severity;
    });
  }
  findings = std::move(sorted);
}

std::vector<RuleLine> all_rules() {
  std::vector<RuleLine> all;
  for (std::size_t i = 0; i < enums::count<Rule>(); ++i) {
    const auto rule = static_cast<Rule>(i);
    all.push_back({to_string(rule), info_on(rule)});
  }
  all.insert(all.end(), std::begin(kListRules), std::end(kListRules));
  return all;
}

}  // namespace chainmend::diagnose
