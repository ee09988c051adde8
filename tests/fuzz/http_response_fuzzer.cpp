// Response heads, as answers to GET, HEAD and a request for an upgrade: as http_request_fuzzer.cpp.
#include <array>

#include "proxy/http/rewrite.h"
#include "tests/fuzz/http_head_fuzzing.h"

namespace http = chainmend::http;
using chainmend::fuzz::require;

namespace {

http::RequestHead asked(std::uint8_t choice) {
  constexpr std::array<std::string_view, 4> kRequests = {
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"};
  http::RequestHead head;
  require(http::parse_request(kRequests[choice % kRequests.size()], {}, head).has_value(),
          "the request is valid");
  return head;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view message = chainmend::fuzz::text(data + 1, size - 1);
  const http::Scan scan = chainmend::fuzz::scan(http::HeadKind::response, message, data[0]);
  const http::RequestHead request = asked(data[0]);
  http::ResponseHead head;
  if (scan.state != http::Scan::State::complete ||
      !http::parse_response(message.substr(0, scan.bytes), {}, request, head)) {
    return 0;
  }
  const bool no_body = head.framing.kind == http::Framing::Kind::none;
  chainmend::fuzz::compare_with_beast<false>(message.substr(0, scan.bytes), head, no_body);

  const http::ResponsePlan plan = http::plan_response(request, head, true);
  http::ResponseRewrite rewrite;
  rewrite.client_version = request.version;
  rewrite.framing = plan.framing;
  rewrite.keep_alive = plan.keep_alive;
  std::string out;
  http::write_response_head(head, rewrite, out);
  http::HeadScanner scanner(http::HeadKind::response, {.bytes = out.size() + 1});
  http::ResponseHead again;
  const http::HeadLimits limits{.bytes = out.size(), .fields = 1000};
  require(scanner.scan(out).bytes == out.size(), "one head goes out, whole");
  require(http::parse_response(out, limits, request, again).has_value(), "what goes out is valid");
  require(again.status == head.status && again.reason == head.reason, "the status is kept");
  require(again.framing == plan.framing, "the client sees the framing planned");
  require(again.keep_alive == plan.keep_alive || head.interim() || head.status == 101,
          "and hears whether the connection lives on");
  return 0;
}
