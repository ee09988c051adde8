#include "proxy/server/clients_page.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <nlohmann/json.hpp>

#include "certs/time.h"
#include "proxy/clients/suites.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::server {
namespace {

using Json = nlohmann::ordered_json;

std::string address_text(const clients::Address& bytes) {
  namespace ip = boost::asio::ip;
  const ip::address_v6 address(bytes);
  return address.is_v4_mapped() ? ip::make_address_v4(ip::v4_mapped, address).to_string()
                                : address.to_string();
}

Json versions_json(const metrics::ClientCounts& counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < counts.versions.size(); ++i) {
    if (const metrics::VersionUse& use = counts.versions[i]; use.count > 0) {
      json[clients::version_label(metrics::kVersions[i])] = {
          {"count", use.count}, {"last", use.last ? Json(certs::format_time(*use.last)) : Json()}};
    }
  }
  return json;
}

// [good, failed] of each of the last minutes, oldest first.
Json minutes_json(const std::vector<Minute>& minutes) {
  Json json = Json::array();
  for (const Minute& minute : minutes) {
    json.push_back({minute.good, minute.failed});
  }
  return json;
}

Json type_json(const ClientStanding& client) {
  const metrics::ClientCounts& counts = client.counts;
  Json json = {{"listener", counts.listener}, {"client_type", counts.type.name()}};
  for (std::size_t i = 0; i < counts.outcomes.size(); ++i) {
    json[tls::to_string(static_cast<tls::Outcome>(i))] = counts.outcomes[i];
  }
  Json& reasons = json["reasons"] = Json::object();
  for (std::size_t i = 0; i < counts.reasons.size(); ++i) {
    if (counts.reasons[i] > 0) {
      reasons[tls::to_string(static_cast<tls::Reason>(i))] = counts.reasons[i];
    }
  }
  json["last_success"] =
      counts.last_success ? Json(certs::format_time(*counts.last_success)) : Json();
  json["versions"] = versions_json(counts);
  json["minutes"] = minutes_json(client.minutes);
  return json;
}

Json alert_json(const tls::Alert& alert) {
  return {{"name", tls::alert_name(alert.code)},
          {"code", alert.code},
          {"direction", tls::to_string(alert.direction)}};
}

Json served_json(const logs::LastFailure& failure) {
  return {{"certificate", failure.certificate},
          {"chain", failure.chain},
          {"length", failure.length},
          {"complete", failure.complete},
          {failure.complete ? "root" : "missing", failure.chain_issuer}};
}

Json suites_json(const std::vector<std::uint16_t>& suites) {
  Json json = Json::array();
  for (const std::uint16_t suite : suites) {
    json.push_back(clients::suite_name(suite));
  }
  return json;
}

Json failure_json(const logs::LastFailure& failure) {
  Json versions = Json::array();
  for (const std::uint16_t version : failure.versions) {
    versions.push_back(clients::version_label(version));
  }
  return {{"time", certs::format_time(failure.time)},
          {"listener", failure.listener},
          {"client_type", failure.client_type},
          {"peer", failure.peer},
          {"server_name", failure.server_name.empty() ? Json() : Json(failure.server_name)},
          {"max_version", clients::version_label(failure.max_version)},
          {"reason", tls::to_string(failure.reason)},
          {"causes", failure.causes},
          {"hint", failure.hint},
          {"stage", tls::to_string(failure.stage)},
          {"alert", failure.alert ? alert_json(*failure.alert) : Json()},
          {"versions", versions},
          {"suites", suites_json(failure.suites)},
          {"served", failure.certificate.empty() ? Json() : served_json(failure)}};
}

Json hello_json(const clients::SeenHello& hello) {
  return {{"ja4", clients::text_of(hello.ja4)},
          {"ja3", hello.ja3},
          {"client_type", hello.as.type.name()},
          {"confidence", clients::to_string(hello.as.confidence)},
          {"count", hello.count},
          {"completed", hello.succeeded},
          {"last_seen", certs::format_time(hello.last)},
          {"last_address", address_text(hello.last_address)},
          {"max_version", clients::version_label(hello.max_version)},
          {"hello_format", hello.format == clients::HelloFormat::sslv2 ? "sslv2" : "tls"},
          {"names_server", hello.names_server},
          {"suites", suites_json(hello.suites)},
          {"extensions", hello.extensions},
          {"alpn", hello.alpn}};
}

}  // namespace

std::string clients_json(const Overview& overview, const clients::KnownClients& known) {
  Json types = Json::array();
  for (const ClientStanding& client : overview.clients) {
    types.push_back(type_json(client));
  }
  Json hellos = Json::array();
  for (const clients::SeenHello& hello : known.hellos.all()) {
    hellos.push_back(hello_json(hello));
  }
  Json failures = Json::array();
  for (const logs::LastFailure& failure : overview.failures) {
    failures.push_back(failure_json(failure));
  }
  const Json page = {{"learned", known.learned.size()},
                     {"types", types},
                     {"failures", failures},
                     {"hellos", hellos}};
  return page.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace chainmend::server
