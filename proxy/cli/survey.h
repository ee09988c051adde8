// Survey: what the certificate and the servers of a Draft are like, looked at before anything is
// written or served. Reads files and asks the servers; changes nothing.
#pragma once

#include <string>
#include <vector>

#include "certs/credential.h"
#include "config/config.h"
#include "proxy/cli/draft.h"

namespace chainmend::cli {

// The certificate and key of the draft.
certs::Result<certs::Credential> load_credential(const Draft& draft);

// What is wrong with it, and the option that mends it.
std::string describe(const certs::Error& error, const std::string& password_file);

// "mail.contoso.com, autodiscover.contoso.com; RSA 2048; until 2027-11-26; 2 more in the file".
std::string describe(const certs::LeafFile& file);

// One server behind, compared with the names and roots that the configuration has.
struct ServerSurvey {
  std::string server;               // "https://10.0.0.11:443"
  std::string shown;                // what it showed, in words; empty: nothing
  std::vector<std::string> wrongs;  // why `run` could not use it, each with the remedy
  std::string server_name;          // that its certificate has, and the configuration should name
};

// ours: names of the certificate that we serve. The servers are asked one after the other.
std::vector<ServerSurvey> survey_servers(const config::Config& config,
                                         const std::vector<std::string>& ours);

}  // namespace chainmend::cli
