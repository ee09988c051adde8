#include "proxy/http/head_scanner.h"

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

using State = Scan::State;

struct Case {
  const char* what;
  HeadKind kind;
  std::string text;
  State state;
  std::size_t bytes = 0;
  HeadFault fault = HeadFault::bare_lf;
};

std::vector<Case> cases() {
  const std::string nul("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26);
  const auto request = HeadKind::request;
  const auto response = HeadKind::response;
  return {
      {"RFC 9112 2.1: ends at the empty line", request, "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody",
       State::complete, 27},
      {"RFC 9112 2.1: no field at all", request, "GET / HTTP/1.0\r\n\r\n", State::complete, 18},
      {"not complete: no empty line", request, "GET / HTTP/1.1\r\nHost: a\r\n", State::need_more},
      {"not complete: half of the empty line", request, "GET / HTTP/1.1\r\nHost: a\r\n\r",
       State::need_more},
      {"not complete: nothing", request, "", State::need_more},
      {"RFC 9112 2.2: one empty line before a request", request, "\r\nGET / HTTP/1.0\r\n\r\n",
       State::complete, 20},
      {"RFC 9112 2.2: two are still ignored", request, "\r\n\r\nGET / HTTP/1.0\r\n\r\n",
       State::complete, 22},
      {"RFC 9112 2.2: but not any number", request, "\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n",
       State::bad, 0, HeadFault::bad_start_line},
      {"RFC 9112 2.2: never before a response", response, "\r\nHTTP/1.1 200 OK\r\n\r\n", State::bad,
       0, HeadFault::bad_start_line},
      {"RFC 9112 2.2: bare LF as empty line", request, "\nGET / HTTP/1.1\r\n\r\n", State::bad, 0,
       HeadFault::bare_lf},
      {"RFC 9112 2.2: bare LF behind the request line", request, "GET / HTTP/1.1\nHost: a\r\n\r\n",
       State::bad, 0, HeadFault::bare_lf},
      {"RFC 9112 2.2: bare LF behind a field", request, "GET / HTTP/1.1\r\nHost: a\n\r\n",
       State::bad, 0, HeadFault::bare_lf},
      {"RFC 9112 2.2: bare LF as the end", request, "GET / HTTP/1.1\r\nHost: a\r\n\n", State::bad,
       0, HeadFault::bare_lf},
      {"RFC 9112 2.2: bare CR in a value", request, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
       State::bad, 0, HeadFault::bare_cr},
      {"RFC 9112 2.2: CR CR LF", request, "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", State::bad, 0,
       HeadFault::bare_cr},
      {"RFC 9110 5.5: NUL", request, nul, State::bad, 0, HeadFault::control_byte},
      {"RFC 9110 5.5: DEL", request, "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", State::bad, 0,
       HeadFault::control_byte},
      {"RFC 9110 5.5: vertical tab", request,
       "GET / HTTP/1.1\r\nA:\x0b"
       "chunked\r\n\r\n",
       State::bad, 0, HeadFault::control_byte},
      {"RFC 9110 5.5: tab and obs-text are data", request,
       "GET / HTTP/1.1\r\nA: \t\xc3\xa9\r\n\r\n", State::complete, 26},
      {"a TLS ClientHello is refused at its first byte", request, "\x16", State::bad, 0,
       HeadFault::control_byte},
      {"a late control byte in a long line is seen", response,
       "HTTP/1.1 200 " + std::string(61, 'x') + "\x01", State::bad, 0, HeadFault::control_byte},
  };
}

TEST(HeadScanner, GivesTheSameAnswerHoweverTheBytesAreCut) {
  for (const Case& c : cases()) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 8U, 9U, 1000U}) {
      const Scan scan = scan_in_pieces(c.kind, c.text, piece);
      EXPECT_EQ(scan.state, c.state) << c.what << ", pieces of " << piece;
      if (c.state == State::complete) {
        EXPECT_EQ(scan.bytes, c.bytes) << c.what << ", pieces of " << piece;
      }
      if (c.state == State::bad) {
        EXPECT_EQ(scan.fault, c.fault) << c.what << ", pieces of " << piece;
      }
    }
  }
}

TEST(HeadScanner, FindsEveryControlByteAtEveryOffset) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    for (std::size_t offset = 0; offset < 20; ++offset) {
      std::string text = "G" + std::string(24, 'x');
      text[1 + offset] = static_cast<char>(byte);
      const Scan scan = scan_in_pieces(HeadKind::request, text, 1000);
      EXPECT_EQ(scan.state == State::bad, control) << byte << " at " << offset;
    }
  }
}

TEST(HeadScanner, TakesAHeadOfExactlyTheLimitAndNotOneByteMore) {
  const std::string start = "GET / HTTP/1.1\r\nA: ";
  const HeadLimits limits{.bytes = 100};
  const std::string fits = start + std::string(100 - start.size() - 4, 'x') + "\r\n\r\n";
  const std::string too_big = start + std::string(100 - start.size() - 3, 'x') + "\r\n\r\n";
  for (const std::size_t piece : {1U, 1000U}) {
    EXPECT_EQ(scan_in_pieces(HeadKind::request, fits, piece, limits).bytes, 100U);
    const Scan scan = scan_in_pieces(HeadKind::request, too_big, piece, limits);
    EXPECT_EQ(scan.state, State::bad);
    EXPECT_EQ(scan.fault, HeadFault::head_too_big);
  }
}

TEST(HeadScanner, TellsALongTargetFromALongHead) {  // RFC 9112 3: 414
  const HeadLimits limits{.bytes = 100};
  const std::string target = "GET /" + std::string(200, 'x');
  EXPECT_EQ(scan_in_pieces(HeadKind::request, target, 1, limits).fault, HeadFault::target_too_long);
  const std::string reason = "HTTP/1.1 200 " + std::string(200, 'x');
  EXPECT_EQ(scan_in_pieces(HeadKind::response, reason, 1, limits).fault, HeadFault::head_too_big);
}

TEST(HeadScanner, ReportsTheFaultBeforeTheLimitAndNotTheOneBehindIt) {
  const HeadLimits limits{.bytes = 20};
  const std::string before = "GET / HTTP/1.1\r\nA\nB" + std::string(50, 'x');
  const std::string behind = "GET / HTTP/1.1\r\nA: xxxxx\n";
  for (const std::size_t piece : {1U, 1000U}) {
    EXPECT_EQ(scan_in_pieces(HeadKind::request, before, piece, limits).fault, HeadFault::bare_lf);
    EXPECT_EQ(scan_in_pieces(HeadKind::request, behind, piece, limits).fault,
              HeadFault::head_too_big);
  }
}

TEST(HeadScanner, ReadsPipelinedHeadsOneAfterTheOther) {
  const std::string_view first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string_view second = "GET /22 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string both = std::string(first) + std::string(second);
  HeadScanner scanner(HeadKind::request);
  Scan scan = scanner.scan(both);
  ASSERT_EQ(scan.bytes, first.size());
  scanner.reset();
  scan = scanner.scan(std::string_view(both).substr(first.size()));
  EXPECT_EQ(scan.bytes, second.size());
}

TEST(HeadScanner, KnowsWhetherAHeadHasBegun) {
  HeadScanner scanner(HeadKind::request);
  EXPECT_TRUE(scanner.untouched());
  scanner.scan("\r\n");
  EXPECT_TRUE(scanner.untouched());
  scanner.scan("\r\nG");
  EXPECT_FALSE(scanner.untouched());
  scanner.scan("\r\nGET / HTTP/1.1\r\n");
  EXPECT_FALSE(scanner.untouched());
  scanner.reset();
  EXPECT_TRUE(scanner.untouched());
}

}  // namespace
}  // namespace chainmend::http
