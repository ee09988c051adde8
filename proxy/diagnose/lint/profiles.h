// lint_profiles(): which clients, by the roots that they have, take the list in a file, and which
// list would suit them all.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "certs/issuer_source.h"
#include "certs/trust_profile.h"
#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

struct ProfilesQuestion {
  std::span<const Entry> entries;                    // of one file, in its order; not empty
  std::span<const certs::TrustProfilePtr> profiles;  // the most important first; not empty
  std::vector<certs::IssuerSource*> sources;         // where missing issuers may be found
  certs::Time now;
};

struct ProfilesVerdict {
  std::vector<LintFinding> findings;  // a profile each that refuses the list as it is
  std::vector<std::string> facts;     // which list suits whom
  // The list that suits the first profile and as many others as one can; leaf first, without the
  // root; empty: none reaches a root of anybody.
  std::vector<certs::CertificatePtr> common;
};

ProfilesVerdict lint_profiles(const ProfilesQuestion& question);

}  // namespace chainmend::diagnose
