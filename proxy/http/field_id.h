// FieldId: the field names that change what a proxy does, told apart once per field while a head is
// parsed, so that nothing later compares strings. Every other name is `other` and passes through
// untouched.
#pragma once

#include <cstdint>
#include <string_view>

namespace chainmend::http {

enum class FieldId : std::uint8_t {
  other,
  authorization,
  client_claim,  // what an inbound client could claim about itself: X-Forwarded-*, X-ARR-*,
                 // Client-Cert, X-SSL-* ...
  connection,
  content_length,
  date,
  expect,
  forwarded,
  host,
  keep_alive,
  max_forwards,
  persistent_auth,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  via,
  www_authenticate,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_request_id,
};

// The id of a name, compared without regard to case (RFC 9110 5.1). Names of fields that claim who
// a client is are compared as same_variable() does.
FieldId field_id(std::string_view name) noexcept;

// True for the fields that only claim who the client is or how it came: dropped unless their sender
// is trusted.
bool is_client_claim(FieldId id) noexcept;

// False for names that RFC 9110 6.5.1 keeps out of trailers: framing, routing, request modifiers,
// authentication, response control, content format, and whatever claims who the client is.
bool allowed_in_trailers(std::string_view name) noexcept;

// Equal for an application that gets header fields as variables: IIS and CGI make one of
// X-ARR-ClientCert, X_ARR_ClientCert and, some servers, x.arr.clientcert. What is neither letter
// nor digit is equal, and so are letters without regard to ASCII case.
bool same_variable(std::string_view a, std::string_view b) noexcept;

// Equal without regard to ASCII case.
bool same_name(std::string_view a, std::string_view b) noexcept;

}  // namespace chainmend::http
