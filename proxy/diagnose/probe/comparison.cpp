#include "proxy/diagnose/probe/comparison.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "certs/chain_report.h"

namespace chainmend::diagnose {
namespace {

using certs::Certificate;
using certs::CertificatePtr;
using List = std::vector<CertificatePtr>;

bool same(const CertificatePtr& a, const CertificatePtr& b) {
  return a->fingerprint() == b->fingerprint();
}

std::string name_of(const Certificate& certificate) {
  const std::string name = certificate.common_name();
  return "'" + (name.empty() ? certificate.subject() : name) + "'";
}

// The certificates behind the leaf of `list` that `other` does not have; empty: none.
std::string only_in(const List& list, const List& other) {
  std::string names;
  for (std::size_t i = 1; i < list.size(); ++i) {
    const bool shared = std::ranges::any_of(
        other, [&](const CertificatePtr& theirs) { return same(theirs, list[i]); });
    if (!shared) {
      names += (names.empty() ? "" : ", ") + name_of(*list[i]);
    }
  }
  return names;
}

// Windows binds a login to the certificate of the connection (RFC 5929 4, "tls-server-end-point").
Finding about_leaf(const Side& here, const Side& there) {
  const Certificate& ours = *here.list.front();
  const Certificate& theirs = *there.list.front();
  if (same(here.list.front(), there.list.front())) {
    return {
        "same-leaf", Severity::note, 0,
        "the same certificate as at " + there.name + ": Extended Protection can let logins through",
        ""};
  }
  const bool same_key =
      EVP_PKEY_eq(X509_get0_pubkey(ours.x509()), X509_get0_pubkey(theirs.x509())) == 1;
  return {"other-leaf", Severity::warning, 0,
          "another certificate than at " + there.name + ": " + name_of(ours) + " (SHA-1 " +
              certs::thumbprint(ours.der()) + ") here, " + name_of(theirs) + " (SHA-1 " +
              certs::thumbprint(theirs.der()) + ") there" +
              (same_key ? ", with the same key" : "") +
              ". Extended Protection refuses logins with NTLM or Kerberos that come through here",
          "install the same certificate at both, or turn Extended Protection off there"};
}

void note_rest(const Side& here, const Side& there, std::vector<Finding>& findings) {
  const std::string ours = only_in(here.list, there.list);
  const std::string theirs = only_in(there.list, here.list);
  if (!ours.empty()) {
    findings.push_back({"only-here", Severity::note, std::nullopt,
                        "sent here and not at " + there.name + ": " + ours, ""});
  }
  if (!theirs.empty()) {
    findings.push_back({"only-there", Severity::warning, std::nullopt,
                        "sent at " + there.name + " and not here: " + theirs,
                        "send it here as well"});
  }
  if (ours.empty() && theirs.empty() && same(here.list.front(), there.list.front()) &&
      !std::ranges::equal(here.list, there.list, same)) {
    findings.push_back({"other-order", Severity::warning, std::nullopt,
                        "the same certificates as at " + there.name + " in another order", ""});
  }
}

}  // namespace

Comparison compare(const Side& here, const Side& there) {
  Comparison out{here.name, there.name, {about_leaf(here, there)}};
  note_rest(here, there, out.findings);
  return out;
}

}  // namespace chainmend::diagnose
