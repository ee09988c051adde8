// A certificate authority for tests: certs::issue_certificate(), where what cannot be made is a
// broken test. Keys are fresh in every process; names, dates and flags are what the test says.
#pragma once

#include <string>

#include "certs/issue.h"
#include "certs/issuer_source.h"

namespace chainmend::certs::testing {

using certs::AuthorityForm;
using certs::key_pem;
using certs::make_ec_key;
using certs::make_rsa_key;
using certs::SharedKey;
using Identity = certs::Issued;
using Spec = certs::IssueSpec;

Identity issue(const Spec& spec);

// The usual three.
Identity make_root(const std::string& subject);
Identity make_ca(const std::string& subject, const Identity& issuer);
Identity make_leaf(const std::string& host, const Identity& issuer);

Candidate in_bundle(const Identity& identity);
EvpPkeyPtr key_of(const Identity& identity);

}  // namespace chainmend::certs::testing
