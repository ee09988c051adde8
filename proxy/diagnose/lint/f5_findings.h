// F5Findings: the findings about a BIG-IP, as lint_f5() and its parts collect them.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/f5/virtual_server.h"
#include "proxy/diagnose/lint/f5.h"

namespace chainmend::diagnose {

struct F5Findings {
  const F5Question& question;
  std::vector<f5::VirtualServer> virtuals;
  std::vector<LintFinding> all = {};

  // at: in the file of the object; null: the object as a whole.
  void say(Rule rule, const f5::Object& object, const f5::Statement* at, std::string text,
           std::string fix);
  // Of a property that counts for an object, wherever it stands.
  void say(Rule rule, const f5::Object& object, const f5::Property& property, std::string text,
           std::string fix);
};

// "/Common/ews_inside, /Common/mail": the virtuals that use a profile; empty: none does.
std::string users_of(const F5Findings& in, const f5::Object& profile);

void lint_f5_certificates(F5Findings& in);  // of client-ssl profiles
void lint_f5_servers(F5Findings& in);       // server-ssl, pools and monitors
void lint_f5_virtuals(F5Findings& in);  // time-outs, OneConnect, persistence, iRules, references

}  // namespace chainmend::diagnose
