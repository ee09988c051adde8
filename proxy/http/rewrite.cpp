#include "proxy/http/rewrite.h"

#include <algorithm>

#include "proxy/http/cookie.h"
#include "proxy/http/field_line.h"
#include "proxy/http/head_writer.h"

namespace chainmend::http {
namespace {

// Fields about one connection, or about framing, which we write ourselves (RFC 9110 7.6.1). No rule
// of an operator touches them either.
bool is_ours(FieldId id) noexcept {
  switch (id) {
    case FieldId::connection:
    case FieldId::content_length:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
      return true;
    default:
      return false;
  }
}

bool is_changed(std::string_view name, std::span<const FieldChange> changes) noexcept {
  return std::ranges::any_of(
      changes, [&](const FieldChange& change) { return same_name(change.name, name); });
}

void append_changes(std::span<const FieldChange> changes, std::string& out) {
  for (const FieldChange& change : changes) {
    if (!change.remove && !is_ours(field_id(change.name))) {
      append_field(change.name, change.value, out);
    }
  }
}

// Brings the field, and Connection does not have it removed.
bool passes_on(const MessageHead& head, FieldId id) noexcept {
  const Field* field = head.find(id);
  return field != nullptr && !head.connection_lists(field->name);
}

// Connection: close, Upgrade, TE: whichever apply, in one field.
class ConnectionField {
 public:
  explicit ConnectionField(std::string& out) : out_(out) {}
  void add(std::string_view option) {
    out_.append(empty_ ? "Connection: " : ", ").append(option);
    empty_ = false;
  }
  void end() {
    if (!empty_) {
      out_.append("\r\n");
    }
  }

 private:
  std::string& out_;
  bool empty_ = true;
};

void append_via(Version received, std::string_view pseudonym, std::string& out) {
  if (!pseudonym.empty()) {
    out.append(received == Version::http10 ? "Via: 1.0 " : "Via: 1.1 ");
    out.append(pseudonym).append("\r\n");
  }
}

// All values of one field, in one line, with ours behind them.
void append_extended(const RequestHead& head, const RequestRewrite& rewrite, FieldId id,
                     std::string_view name, std::string& out) {
  out.append(name).append(": ");
  if (rewrite.trust_client_claims) {
    for (const Field& field : head.fields) {
      if (field.id == id && !field.value.empty()) {
        out.append(field.value).append(", ");
      }
    }
  }
}

// for=192.0.2.1;host="mail.example.com:443";proto=https (RFC 7239 4, 6).
void append_forwarded(const RequestHead& head, const RequestRewrite& rewrite, std::string& out) {
  append_extended(head, rewrite, FieldId::forwarded, "Forwarded", out);
  const bool ipv6 = rewrite.client_address.find(':') != std::string_view::npos;
  out.append("for=");
  if (rewrite.client_address.empty()) {
    out.append("unknown");
  } else if (ipv6) {
    out.append("\"[").append(rewrite.client_address).append("]\"");
  } else {
    out.append(rewrite.client_address);
  }
  if (!head.authority.empty()) {
    out.append(";host=\"").append(head.authority).append("\"");
  }
  out.append(";proto=").append(rewrite.proto).append("\r\n");
}

// Who the client is and how it came, as we know it. Of a trusted sender's claims, lists are
// extended and the rest stands as received; an operator's rule for the same name replaces ours.
// X-Forwarded-Host has the port that Host has: ASP.NET builds redirects from it, and without the
// port they lead elsewhere (ProxyKit issue 43). X-Forwarded-For has none: IIS' own proxy writes
// one, and many readers then find no address (domoticz issue 5836).
void append_client_facts(const RequestHead& head, const RequestRewrite& rewrite, std::string& out) {
  const auto append = [&](FieldId id, std::string_view name, const auto& value) {
    const bool claimed = rewrite.trust_client_claims && passes_on(head, id);
    if (!claimed && !is_changed(name, rewrite.changes)) {
      append_field(name, value, out);
    }
  };
  if (!rewrite.client_address.empty() && !is_changed("X-Forwarded-For", rewrite.changes)) {
    append_extended(head, rewrite, FieldId::x_forwarded_for, "X-Forwarded-For", out);
    out.append(rewrite.client_address).append("\r\n");
  }
  append(FieldId::x_forwarded_proto, "X-Forwarded-Proto", rewrite.proto);
  if (!head.authority.empty()) {
    append(FieldId::x_forwarded_host, "X-Forwarded-Host", head.authority);
  }
  if (rewrite.port != 0) {
    append(FieldId::x_forwarded_port, "X-Forwarded-Port", std::uint64_t{rewrite.port});
  }
  if (rewrite.forwarded && !is_changed("Forwarded", rewrite.changes)) {
    append_forwarded(head, rewrite, out);
  }
  const bool brings_id = passes_on(head, FieldId::x_request_id);
  if (!rewrite.request_id.empty() && !brings_id && !is_changed("X-Request-Id", rewrite.changes)) {
    append_field("X-Request-Id", rewrite.request_id, out);
  }
}

void append_identity(const RequestHead& head, const RequestRewrite& rewrite, std::string& out) {
  for (const FieldChange& one : rewrite.identity) {
    const bool claimed =
        rewrite.trust_client_claims && std::ranges::any_of(head.fields, [&](const Field& field) {
          return same_variable(field.name, one.name) && !head.connection_lists(field.name);
        });
    if (!claimed && !is_changed(one.name, rewrite.changes)) {
      append_field(one.name, one.value, out);
    }
  }
}

bool keeps_claim(FieldId id, const RequestRewrite& rewrite) noexcept {
  if (!rewrite.trust_client_claims) {
    return false;
  }
  const bool extended_below = (id == FieldId::x_forwarded_for && !rewrite.client_address.empty()) ||
                              (id == FieldId::forwarded && rewrite.forwarded);
  return !extended_below;
}

// A Cookie field with a cookie that is not for the upstream: what else is in it, if anything.
void append_cookies_but(const Field& field, std::string_view own, std::string& out) {
  const std::size_t before = out.size();
  out.append(field.name).append(": ");
  if (append_other_cookies(field.value, own, out)) {
    out.append("\r\n");
  } else {
    out.resize(before);
  }
}

void append_request_field(const RequestHead& head, const Field& field,
                          const RequestRewrite& rewrite, std::string& out) {
  switch (field.id) {
    case FieldId::host:  // stays, whatever Connection lists; an absolute-form has the last word
      append_field(field.name, head.authority, out);
      return;
    case FieldId::content_length:
      append_field(field.name, head.framing.length, out);
      return;
    case FieldId::max_forwards:
      if (head.max_forwards.value_or(0) > 0) {
        append_field(field.name, *head.max_forwards - 1, out);
        return;
      }
      break;
    case FieldId::expect:
      if (head.version == Version::http10) {  // RFC 9110 10.1.1: to be ignored
        return;
      }
      break;
    case FieldId::trailer:
      if (head.framing.kind != Framing::Kind::chunked) {
        return;
      }
      break;
    default:
      if (is_ours(field.id) || (is_client_claim(field.id) && !keeps_claim(field.id, rewrite))) {
        return;
      }
      break;
  }
  if (head.connection_lists(field.name)) {
    return;
  }
  if (!rewrite.own_cookie.empty() && same_name(field.name, "Cookie") &&
      has_cookie(field.value, rewrite.own_cookie)) {
    append_cookies_but(field, rewrite.own_cookie, out);
  } else {
    append_field(field.name, field.value, out);
  }
}

bool accepts_trailers(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return field.id == FieldId::te && list_has(field.value, "trailers");
  });
}

void append_request_connection(const RequestHead& head, const RequestRewrite& rewrite,
                               std::string& out) {
  const bool trailers = head.version == Version::http11 && accepts_trailers(head);
  if (trailers) {
    append_field("TE", "trailers", out);
  }
  if (!head.upgrade.empty()) {
    append_field("Upgrade", head.upgrade, out);
  }
  ConnectionField connection(out);
  if (!rewrite.keep_alive) {
    connection.add("close");
  }
  if (!head.upgrade.empty()) {
    connection.add("Upgrade");
  }
  if (trailers) {
    connection.add("TE");
  }
  connection.end();
}

void append_response_field(const ResponseHead& head, const Field& field,
                           const ResponseRewrite& rewrite, std::string& out) {
  if (field.id == FieldId::content_length) {
    // It frames a body, or stands alone in answers to HEAD and in 304 (RFC 9110 8.6).
    const bool announced =
        rewrite.framing.kind == Framing::Kind::none && head.status >= 200 && head.status != 204;
    if (announced || rewrite.framing.kind == Framing::Kind::length) {
      append_field(field.name, head.content_length.value_or(0), out);
    }
    return;
  }
  const bool trailer_without_chunks =
      field.id == FieldId::trailer && rewrite.framing.kind != Framing::Kind::chunked;
  if (!is_ours(field.id) && !trailer_without_chunks && !head.connection_lists(field.name)) {
    append_field(field.name, field.value, out);
  }
}

void append_response_connection(const ResponseHead& head, const ResponseRewrite& rewrite,
                                std::string& out) {
  if (head.status == 101) {
    append_field("Upgrade", head.upgrade, out);
    append_field("Connection", "Upgrade", out);
  } else if (head.interim()) {
    return;
  } else if (!rewrite.keep_alive) {
    append_field("Connection", "close", out);
  } else if (rewrite.client_version == Version::http10) {
    append_field("Connection", "keep-alive", out);
  }
}

}  // namespace

void write_request_head(const RequestHead& head, const RequestRewrite& rewrite, std::string& out) {
  out.clear();
  out.append(head.method).append(" ").append(head.path).append(head.query);
  out.append(" HTTP/1.1\r\n");
  if (head.find(FieldId::host) == nullptr && !is_changed("Host", rewrite.changes)) {
    append_field("Host", head.authority.empty() ? rewrite.default_host : head.authority, out);
  }
  for (const Field& field : head.fields) {
    if (!is_changed(field.name, rewrite.changes) || is_ours(field.id)) {
      append_request_field(head, field, rewrite, out);
    }
  }
  append_client_facts(head, rewrite, out);
  append_identity(head, rewrite, out);
  append_changes(rewrite.changes, out);
  append_via(head.version, rewrite.via, out);
  if (head.framing.kind == Framing::Kind::chunked) {
    append_field("Transfer-Encoding", "chunked", out);
  }
  append_request_connection(head, rewrite, out);
  out.append("\r\n");
}

ResponsePlan plan_response(const RequestHead& request, const ResponseHead& response,
                           bool keep_alive) noexcept {
  ResponsePlan plan;
  const bool http10 = request.version == Version::http10;
  plan.forward = !(response.interim() && http10);
  plan.framing = response.framing;
  const bool unknown_length = response.framing.kind == Framing::Kind::chunked ||
                              response.framing.kind == Framing::Kind::until_close;
  if (unknown_length) {
    plan.framing = http10 ? Framing::until_close() : Framing::chunked();
  }
  plan.keep_alive = keep_alive && request.keep_alive && response.status != 101 &&
                    plan.framing.kind != Framing::Kind::until_close;
  return plan;
}

void write_response_head(const ResponseHead& head, const ResponseRewrite& rewrite,
                         std::string& out) {
  out.clear();
  append_status_line(head.status, head.reason, out);
  for (const Field& field : head.fields) {
    if (!is_changed(field.name, rewrite.changes) || is_ours(field.id)) {
      append_response_field(head, field, rewrite, out);
    }
  }
  if (!head.interim() && head.status != 101) {
    if (!rewrite.date.empty() && !passes_on(head, FieldId::date)) {
      append_field("Date", rewrite.date, out);
    }
    if (!rewrite.set_cookie.empty()) {
      append_field("Set-Cookie", rewrite.set_cookie, out);
    }
    append_changes(rewrite.changes, out);
    append_via(head.version, rewrite.via, out);
  }
  if (rewrite.framing.kind == Framing::Kind::chunked) {
    append_field("Transfer-Encoding", "chunked", out);
  }
  append_response_connection(head, rewrite, out);
  out.append("\r\n");
}

}  // namespace chainmend::http
