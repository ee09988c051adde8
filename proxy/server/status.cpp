#include "proxy/server/status.h"

#include <nlohmann/json.hpp>

#include "certs/bytes.h"
#include "certs/time.h"
#include "proxy/version.h"

namespace chainmend::server {

using Json = nlohmann::ordered_json;

namespace {

std::string when(std::chrono::system_clock::time_point t) {
  return certs::format_time(std::chrono::floor<std::chrono::seconds>(t));
}

Json certificate(const serving::CertificateReport& report) {
  Json chain = Json::array();
  for (const certs::Candidate& link : report.chain.certificates) {
    chain.push_back({{"subject", link.certificate->subject()},
                     {"sha256", certs::hex(link.certificate->fingerprint())},
                     {"not_after", certs::format_time(link.certificate->not_after())},
                     {"source", certs::to_string(link.origin)}});
  }
  const auto& leaf = *report.chain.certificates.front().certificate;
  return {{"name", report.name},
          {"names", leaf.names()},
          {"key", report.key},
          {"chain_name", report.chain_name},
          {"accepted_by", report.accepted_by},
          {"complete", report.chain.complete},
          {"anchor", report.chain.anchor ? Json(report.chain.anchor->subject()) : Json()},
          {"reason", report.chain.failure ? Json(report.chain.failure->describe()) : Json()},
          {"warnings", report.chain.warnings},
          {"chain", chain}};
}

Json listener(const config::Listener& from, const StatusFacts& facts) {
  Json addresses = Json::array();
  for (const auto& endpoint : from.listen) {
    addresses.push_back(facts.bound.at(from.name + '/' + endpoint.value.text()));
  }
  Json names = Json::array();
  for (const auto& name : from.certificates) {
    names.push_back(name.value);
  }
  Json policy = from.tls ? Json(from.policy.value) : Json("off");
  if (from.mode == config::Mode::passthrough) {
    policy = nullptr;  // not ours to say
  }
  return {{"name", from.name},
          {"addresses", addresses},
          {"mode", config::to_string(from.mode)},
          {"policy", policy},
          {"certificates", names}};
}

}  // namespace

std::string status_json(const StatusFacts& facts, const config::Config& config,
                        const serving::Build& build) {
  Json listeners = Json::array();
  for (const config::Listener& from : config.listeners) {
    listeners.push_back(listener(from, facts));
  }
  Json certificates = Json::array();
  for (const serving::CertificateReport& report : build.certificates) {
    certificates.push_back(certificate(report));
  }
  Json upstreams = Json::array();
  for (const config::Upstream& from : config.upstreams) {
    Json servers = Json::array();
    for (const config::Server& server : from.servers) {
      servers.push_back(server.text());
    }
    upstreams.push_back({{"name", from.name}, {"servers", servers}});
  }
  Json warnings = Json::array();
  for (const config::Diagnostic& warning : build.warnings) {
    warnings.push_back(warning.describe());
  }
  const Json status = {
      {"version", kVersion},
      {"started", when(facts.started)},
      {"config",
       {{"file", config.file.string()},
        {"loaded", when(facts.loaded)},
        {"last_reload_error",
         facts.last_reload_error.empty() ? Json() : Json(facts.last_reload_error)},
        {"last_refresh_error",
         facts.last_refresh_error.empty() ? Json() : Json(facts.last_refresh_error)},
        {"needs_restart", facts.needs_restart},
        {"warnings", warnings}}},
      {"draining", facts.draining},
      {"open_connections", facts.open_connections},
      {"listeners", listeners},
      {"certificates", certificates},
      {"upstreams", upstreams}};
  return status.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chainmend::server
