#include "proxy/cli/survey.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "certs/host_match.h"
#include "certs/password.h"
#include "certs/time.h"
#include "config/quote.h"
#include "proxy/diagnose/server_look.h"
#include "proxy/serving/issuers.h"
#include "proxy/serving/load_certificates.h"
#include "proxy/serving/trust_store.h"
#include "proxy/serving/upstream_verifier.h"

namespace chainmend::cli {

namespace {

constexpr std::chrono::seconds kPatience{5};

std::string subject_of(const certs::Certificate& leaf) {
  return leaf.names().empty() ? leaf.subject() : config::join(leaf.names());
}

// The name that the server's certificate is for and ours, too; else the first of the server's that
// can be asked for.
std::string proposed_name(const certs::Certificate& leaf, const std::vector<std::string>& ours) {
  for (const std::string& name : ours) {
    if (!name.starts_with("*") && certs::is_for_host(leaf, name)) {
      return name;
    }
  }
  const auto first = std::ranges::find_if(
      leaf.names(), [](const std::string& name) { return !name.starts_with("*"); });
  return first == leaf.names().end() ? "" : *first;
}

void judge(const config::Upstream& upstream, const config::Server& server,
           const std::vector<certs::CertificatePtr>& list, const certs::TrustProfile& trust,
           const serving::Issuers& issuers, const std::vector<std::string>& ours,
           ServerSurvey& survey) {
  const certs::Certificate& leaf = *list.front();
  const std::string& host =
      upstream.tls.server_name.empty() ? server.host : upstream.tls.server_name;
  if (!certs::is_for_host(leaf, host)) {
    survey.server_name = proposed_name(leaf, ours);
    survey.wrongs.push_back("its certificate is not for " + host +
                            (survey.server_name.empty()
                                 ? ""
                                 : "; upstreams." + upstream.name +
                                       ".tls.server_name (--server-name) " + survey.server_name +
                                       " would accept it"));
  }
  const certs::SearchResult found =
      serving::judge_list(list, trust, issuers.at_hand_for_stranger());
  if (!found.complete) {
    survey.wrongs.push_back(
        "its certificate is not trusted: " + found.failure->describe() +
        (found.failure->reason == certs::Reason::no_issuer
             ? "; an intermediate belongs into chain.bundles (--bundle), a root into "
               "chain.trust (--root)"
         : found.failure->reason == certs::Reason::untrusted_root
             ? "; chain.trust (--root) would accept it"
             : ""));
  }
}

}  // namespace

certs::Result<certs::Credential> load_credential(const Draft& draft) {
  certs::Password password;  // the file's, for the time of this call
  if (!draft.password_file.empty()) {
    auto read = certs::password_from_file(draft.password_file);
    if (!read) {
      return tl::unexpected(read.error());
    }
    password = std::move(*read);
  }
  if (!draft.pfx.empty()) {
    return certs::load_pfx(draft.pfx, password);
  }
  return certs::load_credential(draft.cert, draft.key.empty() ? draft.cert : draft.key, password);
}

std::string describe(const certs::Error& error, const std::string& password_file) {
  switch (error.code) {
    case certs::ErrorCode::password_needed:
      return error.describe() + ": --password-file FILE names the file that holds it";
    case certs::ErrorCode::wrong_password:
      return error.describe() + ": the first line of --password-file must be the password alone" +
             certs::doubt_about_password_file(password_file);
    default:
      return error.describe();
  }
}

std::string describe(const certs::LeafFile& file) {
  const std::size_t more = file.extras.size();
  return fmt::format(
      "{}; {}; until {}; {}", subject_of(*file.leaf), file.leaf->key_description(),
      certs::format_time(file.leaf->not_after()).substr(0, 10),
      more == 0 ? "no other certificate in the file" : fmt::format("{} more in the file", more));
}

std::vector<ServerSurvey> survey_servers(const config::Config& config,
                                         const std::vector<std::string>& ours) {
  serving::Findings findings;  // what the files of `chain` are like is told elsewhere
  serving::TrustStore store;
  const serving::Issuers issuers{serving::load_bundles(config.chain, findings), nullptr};
  std::vector<ServerSurvey> surveys;
  for (const config::Upstream& upstream : config.upstreams) {
    const auto trust = upstream.tls.trust ? store.load(*upstream.tls.trust, upstream.name, findings)
                                          : store.load(config.chain.trust, "chain.trust", findings);
    for (const config::Server& server : upstream.servers) {
      ServerSurvey& survey = surveys.emplace_back();
      survey.server = server.text();
      const diagnose::ServerLook look =
          diagnose::look_at(server, upstream.tls.server_name, kPatience);
      if (!look.trouble.empty()) {
        survey.wrongs.push_back(look.trouble);
      }
      if (!look.list.empty()) {
        survey.shown = "a certificate for " + subject_of(*look.list.front()) + ", issued by '" +
                       look.list.front()->issuer() + "'";
      }
      if (!look.list.empty() && trust && upstream.tls.verify) {
        judge(upstream, server, look.list, *trust, issuers, ours, survey);
      }
    }
  }
  return surveys;
}

}  // namespace chainmend::cli
