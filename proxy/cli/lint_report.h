// What `chainmend lint` prints of its findings.
#pragma once

#include <string>
#include <vector>

#include "proxy/cli/terminal.h"
#include "proxy/diagnose/lint/rules.h"

namespace chainmend::cli {

struct LintReport {
  std::string kind;  // "root-store"
  std::size_t files = 0;
  std::vector<std::string> servers;  // that were looked at: "mail.contoso.com:443"
  std::size_t certificates = 0;
  std::size_t listed = 0;          // certificates that a listing names without their bytes
  std::vector<std::string> facts;  // what is worth knowing of the whole, a sentence each
  std::vector<diagnose::LintFinding> findings;
  std::vector<std::string> ignored;
  diagnose::Severity fail_on = diagnose::Severity::error;
  bool failed = false;  // a finding is as grave as fail_on
};

void print(const Terminal& out, const LintReport& report);
void print_json(const Terminal& out, const LintReport& report);
void print_sarif(const Terminal& out, const LintReport& report);
void print_junit(const Terminal& out, const LintReport& report);
void print_rules(const Terminal& out);

}  // namespace chainmend::cli
