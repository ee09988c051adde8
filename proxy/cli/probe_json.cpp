#include <nlohmann/json.hpp>

#include "certs/chain_report.h"
#include "certs/time.h"
#include "proxy/cli/json_text.h"
#include "proxy/cli/probe_report.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using diagnose::AddressReport;
using diagnose::Answer;

// Raised when a key changes its meaning or goes; new keys may come at any time.
constexpr int kSchemaVersion = 1;

std::chrono::milliseconds::rep milliseconds(std::chrono::microseconds time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).count();
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json as_json(const diagnose::Asked& asked) {
  Json one = {{"version", clients::version_label(asked.version)},
              {"key", to_string(asked.key)},
              {"with_name", asked.with_name}};
  if (!asked.answer) {
    one["answer"] = "unreachable";
    one["detail"] = asked.answer.error().text;
    return one;
  }
  const Answer& answer = *asked.answer;
  one["answer"] = to_string(answer.kind);
  if (answer.hello) {
    one["negotiated"] = clients::version_label(answer.hello->version);
    one["suite"] = clients::suite_name(answer.hello->suite);
  }
  if (answer.key_exchange && answer.key_exchange->dh_bits != 0) {
    one["dh_bits"] = answer.key_exchange->dh_bits;
  }
  if (answer.alert) {
    one["alert"] = answer.alert->code;
  }
  if (answer.client_certificate) {
    one["client_certificate"] = {{"authorities", answer.client_certificate->name_count},
                                 {"list_bytes", answer.client_certificate->names_size}};
  }
  one["connect_ms"] = milliseconds(answer.connected_after);
  one["answer_ms"] = milliseconds(answer.answered_after);
  return one;
}

Json as_json(const certs::Certificate& certificate) {
  return {{"subject", certificate.subject()},
          {"issuer", certificate.issuer()},
          {"names", certificate.names()},
          {"serial", certs::hex(certificate.serial())},
          {"key_id",
           certificate.subject_key_id() ? Json(certs::hex(*certificate.subject_key_id())) : Json()},
          {"not_before", certs::format_time(certificate.not_before())},
          {"not_after", certs::format_time(certificate.not_after())},
          {"key", certificate.key_description()},
          {"signature", signature_of(certificate)},
          {"sha1", certs::thumbprint(certificate.der())},
          {"sha256", certs::hex(certificate.fingerprint())},
          {"pem", certificate.pem()}};
}

Json as_json(const diagnose::Finding& finding) {
  return {{"id", finding.id},
          {"severity", to_string(finding.severity)},
          {"certificate", finding.certificate ? Json(*finding.certificate + 1) : Json()},
          {"text", finding.text},
          {"fix", or_null(finding.fix)}};
}

Json as_json(const diagnose::Served& served) {
  Json list = Json::array();
  for (const auto& one : served.list) {
    list.push_back(as_json(*one));
  }
  Json findings = Json::array();
  for (const auto& finding : served.verdict.findings) {
    findings.push_back(as_json(finding));
  }
  Json missing = Json::array();
  for (const certs::Candidate& one : served.verdict.missing) {
    Json entry = as_json(*one.certificate);
    entry["origin"] = to_string(one.origin);
    entry["location"] = or_null(one.location);
    missing.push_back(std::move(entry));
  }
  return {{"shown_to", served.to},
          {"certificates", list},
          {"complete", served.verdict.complete},
          {"strict_order", served.verdict.strict_order},
          {"root", served.verdict.root ? Json(served.verdict.root->subject()) : Json()},
          {"missing", missing},
          {"findings", findings}};
}

Json as_json(const diagnose::ClientVerdict& client) {
  return {{"client", client.stack->name},
          {"client_type", client.stack->type},
          {"outcome", to_string(client.outcome)},
          {"why", or_null(client.why)},
          {"shows", or_null(client.shows)},
          {"version", client.version != 0 ? Json(clients::version_label(client.version)) : Json()},
          {"suite", client.suite != 0 ? Json(clients::suite_name(client.suite)) : Json()}};
}

Json as_json(const diagnose::ClientCertificateRequest& request) {
  Json findings = Json::array();
  for (const auto& finding : diagnose::judge_request(request)) {
    findings.push_back(as_json(finding));
  }
  return {{"required", request.required},
          {"authorities", request.authorities},
          {"list_bytes", request.bytes},
          {"findings", findings}};
}

Json as_json(const diagnose::Handshake& done) {
  return {
      {"completed", done.completed},
      {"failure", or_null(done.failure)},
      {"version", clients::version_label(done.version)},
      {"suite", or_null(done.suite)},
      {"group", or_null(done.group)},
      {"ticket", done.has_ticket},
      {"session_id", done.has_session_id},
      {"client_certificate", done.client_certificate ? as_json(*done.client_certificate) : Json()},
      {"ms", milliseconds(done.took)}};
}

Json as_json(const AddressReport& address) {
  Json asked = Json::array();
  for (const auto& one : address.asked) {
    asked.push_back(as_json(one));
  }
  Json old = Json::object();
  for (const auto& [name, accepted] : address.old_features) {
    old[name] = accepted;
  }
  Json findings = Json::array();
  for (const auto& finding : address.findings) {
    findings.push_back(as_json(finding));
  }
  Json served = Json::array();
  for (const auto& one : address.served) {
    served.push_back(as_json(one));
  }
  Json clients = Json::array();
  for (const auto& client : address.clients) {
    clients.push_back(as_json(client));
  }
  return {{"address", address.address.to_string()},
          {"failure", or_null(address.failure)},
          {"not_tls", or_null(address.not_tls)},
          {"findings", findings},
          {"asked", asked},
          {"old_features", old},
          {"handshake", address.handshake ? as_json(*address.handshake) : Json()},
          {"resumes", address.resumes},
          {"served", served},
          {"clients", clients}};
}

Json as_json(const diagnose::Comparison& one) {
  Json findings = Json::array();
  for (const auto& finding : one.findings) {
    findings.push_back(as_json(finding));
  }
  return {{"here", one.here}, {"there", one.there}, {"findings", findings}};
}

Json as_json(const diagnose::ProbeReport& report) {
  Json addresses = Json::array();
  for (const AddressReport& address : report.addresses) {
    addresses.push_back(as_json(address));
  }
  Json out = {{"target", report.target.text()}, {"server_name", or_null(report.server_name)}};
  if (report.resolved) {
    Json found = Json::array();
    for (const auto& address : report.resolved->addresses) {
      found.push_back(address.to_string());
    }
    out["resolved"] = {{"canonical_name", report.resolved->canonical_name},
                       {"addresses", found},
                       {"ms", report.resolved->took.count()}};
  } else {
    out["resolved"] = {{"failure", report.resolved.error().text}};
  }
  Json connections = Json::array();
  for (const auto& one : report.connections) {
    connections.push_back({{"address", one.address.to_string()},
                           {"failure", or_null(one.failure)},
                           {"ms", one.took.count()}});
  }
  out["connections"] = connections;
  out["addresses"] = addresses;
  out["differences"] = Json::array();
  for (const auto& one : report.differences) {
    out["differences"].push_back(as_json(one));
  }
  out["against"] = report.against ? as_json(*report.against) : Json();
  return out;
}

}  // namespace

void print_probe_json(const Terminal& out, const std::vector<diagnose::ProbeReport>& reports) {
  Json targets = Json::array();
  for (const diagnose::ProbeReport& report : reports) {
    targets.push_back(as_json(report));
  }
  out.line(ascii_text({{"schema", kSchemaVersion}, {"targets", targets}}));
}

void print_client_stacks(const Terminal& out, bool json) {
  if (!json) {
    for (const clients::ClientStack& stack : clients::client_stacks()) {
      out.line(out.styled(Style::bold, std::string(stack.name)));
      out.line("  " + std::string(stack.software));
      out.line("  known from: " + std::string(stack.source));
      if (!stack.assumed.empty()) {
        out.line("  assumed: " + std::string(stack.assumed));
      }
      out.line(std::string("  fetches missing certificates: ") +
               (stack.fetches_aia ? "yes" : "no"));
    }
    return;
  }
  Json types = Json::array();
  for (const clients::ClientStack& stack : clients::client_stacks()) {
    types.push_back({{"client", stack.name},
                     {"client_type", stack.type},
                     {"software", stack.software},
                     {"source", stack.source},
                     {"assumed", stack.assumed},
                     {"fetches_aia", stack.fetches_aia},
                     {"needs_order", stack.needs_order}});
  }
  out.line(ascii_text({{"schema", kSchemaVersion}, {"types", types}}));
}

}  // namespace chainmend::cli
