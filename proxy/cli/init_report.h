// What `init` found and did, for people and for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "certs/credential.h"
#include "proxy/cli/survey.h"
#include "proxy/cli/terminal.h"
#include "proxy/serving/builder.h"

namespace chainmend::cli {

// Whether the chain of each certificate is complete, a line each.
void print_chains(const Terminal& out, const serving::Build& build);
// What each server showed, and what is wrong with it.
void print_servers(const Terminal& out, const std::vector<ServerSurvey>& surveys);

// {"written", "certificate": {"names", "key", "not_after", "complete", "root"},
//  "servers": [{"server", "shown", "wrongs"}], "errors": [], "warnings": [...]}
nlohmann::ordered_json as_json(const std::string& written, const certs::LeafFile& file,
                               const serving::Build& build,
                               const std::vector<ServerSurvey>& surveys);
// The same when nothing was written: {"written": null, "errors": [...], "warnings": [...]}.
nlohmann::ordered_json as_json(const config::Diagnostics& errors);

}  // namespace chainmend::cli
