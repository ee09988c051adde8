#include "proxy/diagnose/lint/f5.h"

#include <utility>

#include "proxy/diagnose/lint/f5_findings.h"

namespace chainmend::diagnose {

void F5Findings::say(Rule rule, const f5::Object& object, const f5::Statement* at, std::string text,
                     std::string fix) {
  all.push_back({{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
                 {object.file, 0, at == nullptr ? object.statement.line : at->line},
                 {},
                 {}});
}

void F5Findings::say(Rule rule, const f5::Object& object, const f5::Property& property,
                     std::string text, std::string fix) {
  say(rule, property.is_said() ? *property.from : object, property.statement, std::move(text),
      std::move(fix));
}

std::string users_of(const F5Findings& in, const f5::Object& profile) {
  std::string out;
  for (const f5::VirtualServer& one : in.virtuals) {
    for (const auto& profiles : {one.client_ssl, one.server_ssl}) {
      for (const f5::Object* used : profiles) {
        if (used == &profile) {
          out += (out.empty() ? "" : ", ") + one.object->name;
        }
      }
    }
  }
  return out;
}

F5Verdict lint_f5(const F5Question& question) {
  F5Findings in{question, {}};
  for (const f5::Object* object : question.config.all("ltm virtual")) {
    in.virtuals.push_back(f5::look_up(question.config, *object));
  }
  for (const f5::Problem& problem : question.config.problems()) {
    in.all.push_back(
        {{to_string(Rule::f5_not_read), info_on(Rule::f5_not_read).severity, {}, problem.text, ""},
         {problem.file, 0, problem.line},
         {},
         {}});
  }
  lint_f5_certificates(in);
  lint_f5_servers(in);
  lint_f5_virtuals(in);
  F5Verdict out;
  out.findings = std::move(in.all);
  out.facts.push_back(
      std::to_string(in.virtuals.size()) + " virtual servers" +
      (question.config.version_text().empty() ? "" : ", TMOS " + question.config.version_text()));
  if (question.store.empty()) {
    out.facts.emplace_back(
        "No certificates were given beside the configuration: whether a chain that is set is the "
        "right one, was not looked at. Give the UCS, or the files of /config/filestore.");
  }
  return out;
}

}  // namespace chainmend::diagnose
