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

Json type_json(const metrics::ClientCounts& counts) {
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
  return json;
}

Json failure_json(const logs::LastFailure& failure) {
  return {{"time", certs::format_time(failure.time)},
          {"listener", failure.listener},
          {"client_type", failure.client_type},
          {"peer", failure.peer},
          {"server_name", failure.server_name.empty() ? Json() : Json(failure.server_name)},
          {"max_version", clients::version_label(failure.max_version)},
          {"reason", tls::to_string(failure.reason)},
          {"causes", failure.causes},
          {"hint", failure.hint}};
}

Json hello_json(const clients::SeenHello& hello) {
  Json suites = Json::array();
  for (const std::uint16_t suite : hello.suites) {
    suites.push_back(clients::suite_name(suite));
  }
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
          {"suites", suites},
          {"extensions", hello.extensions},
          {"alpn", hello.alpn}};
}

}  // namespace

std::string clients_json(const metrics::Metrics& metrics, const clients::KnownClients& known,
                         const logs::HandshakeLog& handshakes) {
  Json types = Json::array();
  for (const metrics::ClientCounts& counts : metrics.clients()) {
    types.push_back(type_json(counts));
  }
  Json hellos = Json::array();
  for (const clients::SeenHello& hello : known.hellos.all()) {
    hellos.push_back(hello_json(hello));
  }
  Json failures = Json::array();
  for (const logs::LastFailure& failure : handshakes.last_failures()) {
    failures.push_back(failure_json(failure));
  }
  const Json page = {{"learned", known.learned.size()},
                     {"types", types},
                     {"failures", failures},
                     {"hellos", hellos}};
  return page.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace chainmend::server
