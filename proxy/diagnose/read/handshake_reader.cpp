#include "proxy/diagnose/read/handshake_reader.h"

#include <nlohmann/json.hpp>

#include "proxy/diagnose/explain/tls_codes.h"
#include "proxy/diagnose/read/line_facts.h"

namespace chainmend::diagnose {

namespace {

using Json = nlohmann::json;

std::string_view text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string()
             ? std::string_view(*found->get_ptr<const std::string*>())
             : std::string_view();
}

}  // namespace

void HandshakeReader::line(std::string_view line, std::uint64_t number) {
  if (line.empty()) {
    return;
  }
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || text_of(json, "event") != "handshake") {
    bad_.add(number, line);
    return;
  }
  const std::string_view peer = text_of(json, "peer");
  const std::string_view client = address_of(peer);
  const std::string_view name = text_of(json, "sni");
  if (text_of(json, "outcome") != tls::to_string(tls::Outcome::failed)) {
    tally_.succeeded(client, name);
    return;
  }
  const auto reason = tls::kReasonNames.find(text_of(json, "reason"));
  Sighting seen;
  seen.said = reason ? find_code(Speaker::chainmend, static_cast<std::int64_t>(*reason)) : nullptr;
  if (seen.said == nullptr) {
    bad_.add(number, line);
    return;
  }
  const auto alert = json.find("alert_code");
  if (alert != json.end() && alert->is_number_integer()) {
    seen.why = find_code(Speaker::alert, alert->get<std::int64_t>());
  }
  // Its time is UTC: no year has to be guessed.
  seen.time = time_in(text_of(json, "time"), certs::Time{});
  seen.client = client;
  seen.client_type = text_of(json, "client_type");
  seen.path = name;
  tally_.add_own(seen, OwnLog::of_handshakes, peer);
}

}  // namespace chainmend::diagnose
