// How each section of the file is read: one .cpp per section, parse_<section>.cpp. The read_value()
// of a part that only its section knows is static there, not in the unnamed namespace, where
// MapReader::read() would not find it.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/yaml_reader.h"

namespace chainmend::config {

// parse_process.cpp
void read_value(const Cursor& at, Admin& out);
void read_value(const Cursor& at, Process& out);
void read_value(const Cursor& at, ReloadRules& out);

// parse_limits.cpp
void read_value(const Cursor& at, Limits& out);

// parse_logs.cpp
void read_value(const Cursor& at, Logs& out);

// parse_chain.cpp
void read_value(const Cursor& at, Chain& out);
void read_value(const Cursor& at, Trust& out);
std::string write_value(const Cursor& at, const Trust& value);
void read_value(const Cursor& at, std::vector<TrustProfile>& out);

// parse_certificate.cpp
void read_value(const Cursor& at, std::vector<Certificate>& out);

// parse_policy.cpp
void read_value(const Cursor& at, std::vector<TlsPolicy>& out);

// parse_client_types.cpp
void read_value(const Cursor& at, Clients& out);
void read_value(const Cursor& at, ClientTypeRule& out);
// of_listener: what is left out of client_certificate.
void read_value(const Cursor& at, ForClients& out, const ClientCertificates& of_listener);
void check_client_types(const Config& config, Reader& reader);
// The pattern of a server name in a hello: lower case, "*.contoso.com", or "none".
struct ServerName {};
void read_value(const Cursor& at, std::string& out, const ServerName& how);

// parse_client_certificate.cpp
void read_client_certificate(const Cursor& at, Listener& out);
void read_client_certificate(const Cursor& at, Route& out);
void read_value(const Cursor& at, ClientCertificates& out);

// parse_route.cpp: name and value of a header field that is written for the operator. Neither is
// one of those that frame messages.
struct HeaderName {};
void read_value(const Cursor& at, std::string& out, const HeaderName& how);
struct HeaderValue {};
void read_value(const Cursor& at, std::string& out, const HeaderValue& how);

// parse_passthrough.cpp
void read_value(const Cursor& at, Passthrough& out);
void check_passthrough(const Config& config, Reader& reader);

// parse_listener.cpp; its routes: routes.h
void read_value(const Cursor& at, Listener& out);

// parse_upstream.cpp
void read_value(const Cursor& at, std::vector<Upstream>& out);

// parse_balance.cpp
void read_value(const Cursor& at, Balance& out);
void read_value(const Cursor& at, Queue& out);
void read_value(const Cursor& at, Persistence& out);
void read_value(const Cursor& at, Eject& out);

// parse_health.cpp
void read_value(const Cursor& at, Health& out);
// A part of a whole in percent, as in "50%".
struct Percent {
  std::size_t least;
  std::size_t most;
};
void read_value(const Cursor& at, std::size_t& out, const Percent& bounds);
std::string write_value(const Cursor& at, std::size_t value, const Percent& bounds);

// parse_config.cpp: the whole file, and the checks that span sections
void read_value(const Cursor& at, Config& out);

// check_exposure.cpp: what is open to more people than was meant
void check_exposure(const Config& config, Diagnostics& warnings);

// check_listen.cpp: no two sockets on one address
void check_listen_addresses(const Config& config, Diagnostics& errors);

}  // namespace chainmend::config
