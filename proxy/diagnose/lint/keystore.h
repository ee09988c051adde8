// lint_keystore(): whether the keystore of a Mitel or ShoreTel headquarters server fits what its
// IIS shows: the certificates of a folder keystore/certs, the nginx.crt of the same machine, and
// the server itself, or its bindings. Reads the key files that the input names, else pure.
#pragma once

#include <string>
#include <vector>

#include "certs/password.h"
#include "proxy/diagnose/lint/lint_input.h"
#include "proxy/diagnose/probe/probe.h"

namespace chainmend::diagnose {

struct KeystoreQuestion {
  const LintInput& input;
  const ProbeReport* server = nullptr;  // as it was seen; null: none was given
  const certs::Password& password;      // of encrypted keys
  certs::Time now;
};

struct KeystoreVerdict {
  std::vector<LintFinding> findings;
  std::vector<std::string> facts;
};

KeystoreVerdict lint_keystore(const KeystoreQuestion& question);

// True for files of which one is called server.crt, and another one only a keystore has.
bool looks_like_keystore(const LintInput& input);

}  // namespace chainmend::diagnose
