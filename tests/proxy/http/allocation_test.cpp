// A kept-alive request allocates nothing once its heads and strings have grown. Counted by
// replacing operator new in this whole test program.
#include <atomic>
#include <cstdlib>
#include <new>

#include "proxy/http/auth_scheme.h"
#include "proxy/http/rewrite.h"
#include "tests/proxy/http/support.h"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace chainmend::http {
namespace {

constexpr std::string_view kRequest =
    "POST /ews/exchange.asmx?x=1 HTTP/1.1\r\nHost: mail.example.com\r\nConnection: keep-alive\r\n"
    "User-Agent: phone/1.0 (a rather long name of a device)\r\nAuthorization: Basic abc\r\n"
    "Cookie: a=b\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view kBody =
    "A;x=y\r\n0123456789\r\n0\r\nX-T: a trailer value that is long\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nServer: IIS\r\nContent-Length: 10\r\nSet-Cookie: a=b; secure\r\n\r\n";

// What a session owns, and one round of what it does with it.
struct Exchange {
  HeadScanner request_scanner{HeadKind::request};
  HeadScanner response_scanner{HeadKind::response};
  RequestHead request;
  ResponseHead response;
  BodyRelay body;
  std::string head_out, scratch;

  bool run() {
    request_scanner.reset();
    response_scanner.reset();
    RequestRewrite rewrite;
    rewrite.client_address = "192.0.2.1";
    bool good = request_scanner.scan(kRequest).bytes == kRequest.size();
    good &= parse_request(kRequest, {}, request).has_value();
    good &= !is_connection_bound(request);
    write_request_head(request, rewrite, head_out);
    body.start(request.framing, request.framing, request.connection_options);
    for (std::size_t i = 0; i < kBody.size(); ++i) {  // cut everywhere: every line is buffered
      good &= !body.step(kBody.substr(i, 1), scratch).fault;
    }
    good &= body.done();
    good &= response_scanner.scan(kResponse).bytes == kResponse.size();
    good &= parse_response(kResponse, {}, request, response).has_value();
    const ResponsePlan plan = plan_response(request, response, true);
    write_response_head(response, {.framing = plan.framing}, head_out);
    body.start(response.framing, plan.framing);
    return good && body.step("0123456789", scratch).done;
  }
};

TEST(Allocation, NoneForAKeptAliveRequest) {
  Exchange exchange;
  const std::size_t at_start = allocations;
  ASSERT_TRUE(exchange.run());
  EXPECT_GT(allocations, at_start) << "the counter works";
  const std::size_t before = allocations;
  bool good = true;
  for (int i = 0; i < 3; ++i) {
    good &= exchange.run();
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_TRUE(good);
}

}  // namespace
}  // namespace chainmend::http
