// What works and is most likely not meant: of the leaf certificates and their files.
#pragma once

#include <vector>

#include "config/config.h"
#include "proxy/serving/load_certificates.h"

namespace chainmend::serving {

// Warns when those who are neither the owner nor of the group can read the file. what: it holds.
void lint_mode(const config::Located<config::Path>& file, const char* what, Findings& findings);

// A CA certificate that serves as leaf, one without subjectAltName, a certificate that is never
// served because another of its key type has its names, and keys and passwords that everybody on
// this machine can read. Goes to findings, each once, with its place and what mends it.
void lint_certificates(const config::Config& config, const std::vector<LoadedCertificate>& loaded,
                       Findings& findings);

}  // namespace chainmend::serving
