// Certificate revocation lists (RFC 5280 5) out of files, and what they say of a certificate.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/openssl.h"
#include "certs/result.h"
#include "certs/time.h"

namespace chainmend::certs {

struct RevocationList {
  X509CrlPtr crl;
  std::string issuer;      // RFC 2253, as people read it
  std::string issuer_key;  // as of Certificate::subject_key()
  Time this_update{};
  std::optional<Time> next_update;  // none: it does not end
  std::string file;

  bool in_date(Time at) const { return this_update <= at && (!next_update || at <= *next_update); }
};

// The lists of a file, PEM or DER; at least one. What speaks of a part of an issuer's certificates
// only, or changes another list, is an error: we would take it for the whole.
Result<std::vector<RevocationList>> read_revocation_lists(const std::string& path);

// RevocationLists: all of them, asked about one certificate at a time. Thread-safe.
class RevocationLists {
 public:
  enum class Answer : std::uint8_t {
    good,
    revoked,  // by a list of this issuer, in date or not
    stale,    // the issuer's lists do not have it, and none of them is in date
    unknown,  // there is no list that this issuer signed
  };

  explicit RevocationLists(std::vector<RevocationList> lists) : lists_(std::move(lists)) {}

  // issuer must be the certificate whose key signed child.
  Answer ask(const Certificate& child, const Certificate& issuer, Time at) const;
  const std::vector<RevocationList>& lists() const { return lists_; }
  Sha256 hash() const;  // of all that they say

 private:
  bool signed_by(const RevocationList& list, const Certificate& issuer) const;

  std::vector<RevocationList> lists_;
  // Which key signed which list, so that each signature is verified once. As many as there are
  // lists and CAs of their names that we trust.
  mutable std::mutex mutex_;
  mutable std::map<std::pair<const X509_CRL*, Sha256>, bool> signatures_;
};

}  // namespace chainmend::certs
