#include "proxy/session/log_request.h"

#include <algorithm>
#include <string>

#include "proxy/clients/suites.h"

namespace chainmend::session {

namespace {

constexpr unsigned kServerError = 500;

bool is_wanted(const Connection& connection, const ExchangeEnd& end) {
  const serving::ServingState& state = *connection.state;
  if (!state.access_types.empty() &&
      std::ranges::find(state.access_types, connection.who.type) == state.access_types.end()) {
    return false;
  }
  return end.status >= kServerError ||
         connection.worker.services.access->takes_sample(state.access.sample);
}

const char* end_of(const ExchangeEnd& end) {
  if (end.client_gone) {
    return "client_gone";
  }
  return end.answer == ExchangeEnd::Answer::cut ? "cut" : "whole";
}

std::string_view value_of(const http::Field* field) {
  return field != nullptr ? field->value : std::string_view();
}

void put_request(const Connection& connection, const Exchange& x, logs::AccessRecord& record) {
  const http::RequestHead& head = x.request;
  record.method = head.method;
  record.host = head.host;
  record.path = head.path;
  if (connection.state->access.query) {
    record.query = head.query;
  }
  if (!head.method.empty()) {
    record.protocol = head.version == http::Version::http10 ? "HTTP/1.0" : "HTTP/1.1";
  }
  record.user_agent = value_of(head.find("User-Agent"));
  const std::string_view theirs =
      connection.trusted ? value_of(head.find(http::FieldId::x_request_id)) : std::string_view();
  record.request_id = theirs.empty() ? std::string_view(x.request_id) : theirs;
}

void put_noted(const Noted& noted, logs::AccessRecord& record) {
  record.route = noted.route;
  record.upstream = noted.upstream;
  record.server = noted.server;
  record.upstream_reused = noted.upstream_reused;
  record.bytes_in = noted.bytes_in;
  record.bytes_out = noted.bytes_out;
  record.connect = noted.connect;
  if (noted.tls && noted.tls->count() > 0) {  // with a server that speaks it
    record.tls = noted.tls;
  }
  record.first_byte = noted.first_byte;
  record.total = net::Clock::now() - noted.started;
}

}  // namespace

void log_request(const Connection& connection, const Exchange& x, const ExchangeEnd& end,
                 bool first) {
  logs::AccessLog* const log = connection.worker.services.access;
  if (log == nullptr || !log->is_open() || !is_wanted(connection, end)) {
    return;
  }
  logs::AccessRecord record;
  record.time = std::chrono::system_clock::now();
  record.connection = connection.id;
  record.listener = connection.listener.name;
  record.status = end.status;
  record.end = end_of(end);
  record.client_type = connection.who.type.name();
  record.reused = !first;
  std::string client;
  connection.write_client_address(client);
  record.client = client;
  std::string suite;
  if (const tls::TlsSession* session = connection.client.session()) {
    suite = clients::suite_name(session->suite());
    record.tls_suite = suite;
    record.tls_version = clients::version_label(session->version());
    record.server_name = session->server_name();
    record.resumed = session->resumed();
  }
  put_request(connection, x, record);
  put_noted(x.noted, record);
  log->write(record, connection.state->access.format);
}

}  // namespace chainmend::session
