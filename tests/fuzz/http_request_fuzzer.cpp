// Request heads: the answer does not depend on how the bytes were cut, what is forwarded passes the
// same checks and means the same, and Beast does not read it differently.
#include "proxy/http/cookie.h"
#include "proxy/http/rewrite.h"
#include "proxy/http/target.h"
#include "tests/fuzz/http_head_fuzzing.h"

namespace http = chainmend::http;
using chainmend::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view message = chainmend::fuzz::text(data + 1, size - 1);
  const http::Scan scan = chainmend::fuzz::scan(http::HeadKind::request, message, data[0]);
  http::RequestHead head;
  if (scan.state != http::Scan::State::complete ||
      !http::parse_request(message.substr(0, scan.bytes), {}, head)) {
    return 0;
  }
  std::string_view bytes = message.substr(0, scan.bytes);
  while (bytes.starts_with("\r\n")) {
    bytes.remove_prefix(2);
  }
  chainmend::fuzz::compare_with_beast<true>(bytes, head, false);

  const std::string_view cookie = http::cookie_value(head, "a");
  require(cookie.find(';') == std::string_view::npos, "a cookie ends before the next one");

  http::RequestRewrite rewrite;
  rewrite.client_address = "192.0.2.1";
  rewrite.default_host = "upstream";
  rewrite.trust_client_claims = (data[0] & 1) != 0;
  std::string out;
  http::write_request_head(head, rewrite, out);
  http::HeadScanner scanner(http::HeadKind::request, {.bytes = out.size() + 1});
  http::RequestHead again;
  const http::HeadLimits limits{.bytes = out.size(), .fields = 1000};
  require(scanner.scan(out).bytes == out.size(), "one head goes out, whole");
  require(http::parse_request(out, limits, again).has_value(), "what goes out is valid");
  require(again.method == head.method && again.path == head.path && again.query == head.query,
          "method and target are kept");
  require(again.framing == head.framing, "framing is kept");
  require(head.authority.empty() || again.authority == head.authority, "Host is kept");

  std::string path;
  http::normalise_path(head.path, path);
  require(path == "*" || path.starts_with('/'), "a route path starts with a slash");
  require(path.find("/../") == std::string::npos && !path.ends_with("/.."), "and cannot climb");
  return 0;
}
