#include "proxy/serving/report_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "certs/chain_report.h"

namespace chainmend::serving {

namespace {

using Json = nlohmann::ordered_json;

template <typename T, typename Write>
Json list_of(const std::vector<T>& all, Write write) {
  Json list = Json::array();
  for (const T& one : all) {
    list.push_back(write(one));
  }
  return list;
}

Json terms(const TermsReport& from) {
  return {{"client_type", from.client_type.empty() ? Json() : Json(from.client_type)},
          {"from", from.from},
          {"known_by", from.known_by.empty() ? Json() : Json(from.known_by)},
          {"policy", from.policy},
          {"lowest", tls::version_name(from.min_version)},
          {"highest", tls::version_name(from.max_version)},
          {"certificates", from.certificates},
          {"chain", from.chain}};
}

Json passthrough(const PassthroughReport& from) {
  return {{"server_name", from.server_names},
          {"source", from.sources},
          {"client_type", from.client_types},
          {"upstream", from.upstream}};
}

// Null: not ours to say.
Json policy_of(const ListenerReport& from) {
  if (from.mode == config::Mode::passthrough) {
    return nullptr;
  }
  return from.terms.empty() ? "off" : from.terms.back().policy;
}

Json notes_of(const ListenerReport& from, const std::vector<PolicyReport>& policies) {
  Json notes = Json::array();
  for (const std::string& name : from.policies()) {
    const auto policy = std::ranges::find(policies, name, &PolicyReport::name);
    for (const std::string& note : policy->notes) {
      if (std::ranges::find(notes, Json(note)) == notes.end()) {
        notes.push_back(note);
      }
    }
  }
  return notes;
}

Json answer(const upstream::TrialResult& from) {
  Json one = {{"name", from.server}, {"accepted", from.accepted}};
  if (!from.accepted) {
    one["reason"] = metrics::to_string(from.reason);
    one["text"] = from.text;
  } else if (from.version != 0) {
    one["version"] = tls::version_name(from.version);
    one["cipher"] = from.cipher;
  }
  return one;
}

Json upstream(const UpstreamReport& from) {
  Json servers =
      from.answers.empty()
          ? list_of(from.servers, [](const std::string& name) { return Json{{"name", name}}; })
          : list_of(from.answers, answer);
  return {{"name", from.name}, {"servers", servers}};
}

Json certificate(const CertificateReport& report) {
  Json one = {{"name", report.name},
              {"key", report.key},
              {"chain_name", report.chain_name},
              {"listeners", report.listeners},
              {"accepted_by", report.accepted_by},
              {"names", report.chain.certificates.front().certificate->names()}};
  one.update(certs::to_json(report.chain));
  one["remedy"] = report.remedy.empty() ? Json() : Json(report.remedy);
  return one;
}

}  // namespace

nlohmann::ordered_json to_json(const config::Diagnostics& diagnostics) {
  return list_of(diagnostics, [](const config::Diagnostic& one) {
    return Json{{"file", one.at.file},
                {"line", one.at.line},
                {"column", one.at.column},
                {"text", one.text}};
  });
}

nlohmann::ordered_json to_json(const Report& report) {
  const auto listener = [&](const ListenerReport& one) {
    return Json{{"name", one.name},
                {"addresses", one.addresses},
                {"mode", config::to_string(one.mode)},
                {"policy", policy_of(one)},
                {"clients", list_of(one.terms, terms)},
                {"passthrough", list_of(one.passthrough, passthrough)},
                {"notes", notes_of(one, report.policies)},
                {"certificates", one.certificates}};
  };
  return {{"listeners", list_of(report.listeners, listener)},
          {"certificates", list_of(report.certificates, certificate)},
          {"upstreams", list_of(report.upstreams, upstream)},
          {"warnings", to_json(report.warnings)},
          {"notes", to_json(report.notes)}};
}

}  // namespace chainmend::serving
