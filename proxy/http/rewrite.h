// rewrite: writes the head that is sent on, from the parsed fields; it never copies the received
// bytes. Fields that concern one connection only are removed in both directions (RFC 9110 7.6.1),
// framing is written by us, everything else keeps its name, value and order. `out` is overwritten,
// and its memory used again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

// What Via calls us.
inline constexpr std::string_view kPseudonym = "chainmend";

// FieldChange: a rule of the operator. It replaces all fields of that name by one, or removes them.
struct FieldChange {
  std::string name;
  std::string value;  // without CR, LF or other controls: checked when the configuration is read
  bool remove = false;
};

inline constexpr std::span<const FieldChange> kNoChanges;

struct RequestRewrite {
  // The client, numeric, without port or brackets. Unset: no X-Forwarded-For.
  std::string_view client_address = kUnset;
  // What it speaks to us and where it reached us: X-Forwarded-Proto and -Port (0: not written).
  std::string_view proto = "https";
  std::uint16_t port = 0;
  // Keep and extend inbound X-Forwarded-* and their like (is_client_claim).
  bool trust_client_claims = false;
  // Write Forwarded (RFC 7239) too.
  bool forwarded = false;
  // X-Request-Id for a request that brings none.
  std::string_view request_id = kUnset;
  // Pseudonym for Via; empty: no Via.
  std::string_view via = kPseudonym;
  // Host for an HTTP/1.0 request without one: the upstream's name.
  std::string_view default_host = kUnset;
  // A cookie that is between the client and us, and not for the upstream. Unset: none.
  std::string_view own_cookie = kUnset;
  // False: the upstream is asked to close after its answer.
  bool keep_alive = true;
  std::span<const FieldChange> changes = kNoChanges;
  // Who the client is by its certificate. A trusted sender's own word stands instead.
  std::span<const FieldChange> identity = kNoChanges;
};

// Writes the head for the upstream: HTTP/1.1, origin-form (asterisk-form for OPTIONS without path),
// the body framed as in `head` (length or chunked).
void write_request_head(const RequestHead& head, const RequestRewrite& rewrite, std::string& out);

// ResponsePlan: how an answer goes to the client that sent `request`.
struct ResponsePlan {
  bool forward = true;     // false: a 1xx that an HTTP/1.0 client must not get (RFC 9110 15.2)
  Framing framing{};       // towards the client; until_close for HTTP/1.0, which knows no chunks
  bool keep_alive = true;  // the client's connection can live on after this message
};

// `keep_alive`: we would keep the client's connection; whether the client would is looked at here.
ResponsePlan plan_response(const RequestHead& request, const ResponseHead& response,
                           bool keep_alive) noexcept;

struct ResponseRewrite {
  Version client_version = Version::http11;
  // Both from the plan.
  Framing framing{};
  bool keep_alive = true;
  // Pseudonym for Via; empty: no Via.
  std::string_view via = kPseudonym;
  // Date for an answer without one (RFC 9110 6.6.1).
  std::string_view date = kUnset;
  // Set-Cookie beside those of the server. Unset: none.
  std::string_view set_cookie = kUnset;
  std::span<const FieldChange> changes = kNoChanges;
};

// Writes the head for the client, always as HTTP/1.1 (RFC 9112 2.3). A 101 keeps its Upgrade field.
void write_response_head(const ResponseHead& head, const ResponseRewrite& rewrite,
                         std::string& out);

}  // namespace chainmend::http
