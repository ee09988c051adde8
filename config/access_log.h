// AccessLog: one line per request, and what may stand in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/types.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

// What is known of a request, in the order of the JSON line.
enum class AccessField : std::uint8_t {
  time,  // when it was over
  listener,
  connection,  // the "conn" of the other logs
  request_id,
  client,  // address
  client_type,
  method,
  host,
  path,
  query,  // empty unless `query: true`
  protocol,
  status,
  end,  // of the answer: whole, cut, client_gone
  bytes_in,
  bytes_out,
  route,
  upstream,
  server,
  tls_version,
  tls_suite,
  server_name,
  resumed,          // the TLS session
  reused,           // the client's connection had a request before
  upstream_reused,  // and so had the server's
  connect_ms,       // of a new connection to the server, with the lookup of its name
  tls_ms,           // of its TLS handshake
  first_byte_ms,
  total_ms,
  user_agent,
};
inline constexpr enums::Names<AccessField> kAccessFieldNames{
    "time",        "listener",  "connection",    "request_id", "client",    "client_type",
    "method",      "host",      "path",          "query",      "protocol",  "status",
    "end",         "bytes_in",  "bytes_out",     "route",      "upstream",  "server",
    "tls_version", "tls_suite", "server_name",   "resumed",    "reused",    "upstream_reused",
    "connect_ms",  "tls_ms",    "first_byte_ms", "total_ms",   "user_agent"};

// A piece of a line: a text, and the field behind it.
struct AccessPart {
  std::string text;
  std::optional<AccessField> field;
  bool operator==(const AccessPart&) const = default;
};

// A line as the operator writes it, "{client} {method} {path}"; "{{" is a brace. Nothing when it
// is none; `wrong` is what makes it so.
std::optional<std::vector<AccessPart>> parse_access_format(std::string_view text,
                                                           std::string& wrong);

struct AccessLog {
  std::optional<Located<Path>> file;               // unset: there is none
  std::vector<AccessPart> format;                  // empty: JSON
  double sample = 1;                               // share of the answers below 500 that is written
  std::vector<Located<std::string>> client_types;  // whose requests; empty: everyone's
  bool query = false;                              // with what stands behind the ?
  bool operator==(const AccessLog&) const = default;
};

}  // namespace chainmend::config
