#include "proxy/cli/init_report.h"

#include <nlohmann/json.hpp>

#include "certs/time.h"
#include "proxy/serving/report_json.h"

namespace chainmend::cli {

using Json = nlohmann::ordered_json;

void print_servers(const Terminal& out, const std::vector<ServerSurvey>& surveys) {
  for (const ServerSurvey& survey : surveys) {
    out.line(survey.server + ": " +
             (survey.shown.empty() ? (survey.wrongs.empty() ? "answers" : "shows nothing")
                                   : "shows " + survey.shown));
    for (const std::string& wrong : survey.wrongs) {
      out.line("  " + out.styled(Style::warning, "warning") + ": " + wrong);
    }
  }
}

void print_chains(const Terminal& out, const serving::Build& build) {
  for (const serving::CertificateReport& report : build.certificates) {
    out.line(report.chain.complete
                 ? "Its chain is " + out.styled(Style::good, "complete") + ": " +
                       std::to_string(report.chain.certificates.size()) +
                       " certificates, ending at the root " + report.chain.anchor->subject()
                 : "Its chain is " + out.styled(Style::bad, "incomplete"));
  }
}

Json as_json(const std::string& written, const certs::LeafFile& file, const serving::Build& build,
             const std::vector<ServerSurvey>& surveys) {
  const certs::ServedChain& chain = build.certificates.front().chain;
  Json servers = Json::array();
  for (const ServerSurvey& survey : surveys) {
    servers.push_back({{"server", survey.server},
                       {"shown", survey.shown.empty() ? Json() : Json(survey.shown)},
                       {"wrongs", survey.wrongs}});
  }
  return {{"written", written},
          {"certificate",
           {{"names", file.leaf->names()},
            {"key", file.leaf->key_description()},
            {"not_after", certs::format_time(file.leaf->not_after())},
            {"complete", chain.complete},
            {"root", chain.complete ? Json(chain.anchor->subject()) : Json()}}},
          {"servers", std::move(servers)},
          {"errors", Json::array()},
          {"warnings", serving::to_json(build.warnings)}};
}

Json as_json(const config::Diagnostics& errors) {
  return {{"written", nullptr},
          {"errors", serving::to_json(config::only(config::Severity::error, errors))},
          {"warnings", serving::to_json(config::only(config::Severity::warning, errors))}};
}

}  // namespace chainmend::cli
