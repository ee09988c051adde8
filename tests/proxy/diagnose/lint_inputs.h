// Inputs of lint for tests, and what is found in them in short.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/lint/root_store.h"
#include "tests/certs/test_pki.h"

namespace chainmend::diagnose::testing {

inline const certs::Time kNow = *certs::parse_time("2026-06-01");

// A file "roots.pem" with the certificates of these.
inline LintInput input_of(const std::vector<certs::testing::Identity>& identities) {
  LintInput input;
  for (const certs::testing::Identity& one : identities) {
    input.entries.push_back({one.certificate, {"roots.pem", input.entries.size() + 1, 0}});
  }
  return input;
}

using Ids = std::vector<std::string>;

// "not-self-signed@2", of everything but the missing roots of phones.
inline Ids found(const RootStoreVerdict& verdict) {
  Ids ids;
  for (const LintFinding& one : verdict.findings) {
    if (one.finding.id != "phone-root-missing") {
      ids.push_back(one.finding.id +
                    (one.place.entry > 0 ? "@" + std::to_string(one.place.entry) : ""));
    }
  }
  return ids;
}

}  // namespace chainmend::diagnose::testing
