#include "proxy/http/simple_response.h"

#include "proxy/http/head_writer.h"
#include "proxy/http/status.h"

namespace chainmend::http {

void write_simple_response(const SimpleResponse& response, std::string& out) {
  const std::string_view reason = reason_phrase(response.status);
  out.clear();
  append_status_line(response.status, reason, out);
  if (!response.date.empty()) {
    append_field("Date", response.date, out);
  }
  if (!response.location.empty()) {
    append_field("Location", response.location, out);
  }
  if (!response.allow.empty()) {
    append_field("Allow", response.allow, out);
  }
  if (response.retry_after != 0) {
    append_field("Retry-After", response.retry_after, out);
  }
  append_field("Content-Type", "text/plain; charset=utf-8", out);
  // "502 Bad Gateway: text\n"
  const std::size_t length =
      3 + 1 + reason.size() + (response.text.empty() ? 0 : 2 + response.text.size()) + 1;
  append_field("Content-Length", length, out);
  if (response.close) {
    append_field("Connection", "close", out);
  } else if (response.client_version == Version::http10) {
    append_field("Connection", "keep-alive", out);
  }
  out.append("\r\n");
  if (!response.body) {
    return;
  }
  append_number(response.status, out);
  out.append(" ").append(reason);
  if (!response.text.empty()) {
    out.append(": ").append(response.text);
  }
  out.append("\n");
}

}  // namespace chainmend::http
