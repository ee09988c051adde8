// The files that `chainmend lint` was given, as certificates with their places.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/password.h"
#include "proxy/diagnose/lint/rules.h"

namespace chainmend::diagnose {

struct Entry {
  certs::CertificatePtr certificate;
  Place place;
};

struct LintInput {
  std::vector<Entry> entries;  // in the order of files and of their content
  std::vector<Place> keys;     // private keys
  std::vector<LintFinding> unreadable;
  std::vector<std::string> failures;  // files that could not be opened, with the reason
  std::vector<std::string> ignored;   // files of a folder that are no certificates
  std::size_t files = 0;              // that were read
};

// Files, pipes, - (standard input), and folders with all that is below them. What is no certificate
// is a finding in a file that was named, and ignored in a folder: there are readme files and keys.
LintInput read_lint_input(const std::vector<std::string>& paths, const certs::Password& password);

}  // namespace chainmend::diagnose
