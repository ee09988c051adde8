// lint_f5(): what in the configuration of a BIG-IP makes clients fail, with the tmsh line that
// mends it. Pure.
#pragma once

#include <string>
#include <vector>

#include "certs/time.h"
#include "proxy/diagnose/f5/certificate_store.h"
#include "proxy/diagnose/f5/configuration.h"
#include "proxy/diagnose/lint/rules.h"

namespace chainmend::diagnose {

struct F5Question {
  const f5::Configuration& config;
  const f5::CertificateStore& store;  // what is in it, its chains are judged by
  certs::Time now;
};

struct F5Verdict {
  std::vector<LintFinding> findings;
  std::vector<std::string> facts;
};

F5Verdict lint_f5(const F5Question& question);

}  // namespace chainmend::diagnose
