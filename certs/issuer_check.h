// What can be said of one child and one possible issuer, without the rest of the path: does it
// qualify, and how likely is it the right one? Pure functions; signatures are checked elsewhere,
// since they cost.
#pragma once

#include <cstdint>
#include <optional>

#include "certs/certificate.h"
#include "certs/reason.h"

namespace chainmend::certs {

// How the child's authority key identifier and the issuer agree. Key ids are claims: they order
// candidates and, when they contradict, put them last; they prove nothing.
enum class KeyIdMatch : std::uint8_t { match, no_data, mismatch };
KeyIdMatch compare_key_ids(const Certificate& child, const Certificate& issuer);

// What the leaf is to be used for.
enum class Use : std::uint8_t {
  server,
  client,
  any,  // whatever extendedKeyUsage and the leaf's keyUsage say
};

// Why issuer cannot have issued child; nothing when all but the signature is well. For a root
// (trusted) a missing basicConstraints is fine and validity is not looked at.
std::optional<Reason> refuse_issuer(const Certificate& child, const Certificate& issuer,
                                    bool trusted, Time at, Use use = Use::server);

// Why the other side would refuse the leaf for itself, whatever its chain.
std::optional<Reason> refuse_leaf(const Certificate& leaf, Time at, Use use = Use::server);

// The order in which issuers are tried: trusted first as long as key ids do not contradict, then by
// key id; then self-issued before cross-signed, newest notBefore, latest notAfter. Ties end at the
// fingerprint, so that the order of the input never shows.
struct IssuerRank {
  const Certificate* certificate;
  bool trusted;
  KeyIdMatch match;
};
bool operator<(const IssuerRank& a, const IssuerRank& b);

}  // namespace chainmend::certs
