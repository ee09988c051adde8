// What parse_response() accepts and refuses. Every case is read whole and byte by byte.
#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

struct Refused {
  const char* what;
  std::string text;
  HeadFault fault;
};

std::string ok(const std::string& fields) { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n"; }
std::string line(const std::string& status_line) { return status_line + "\r\n\r\n"; }

const char* const kHead = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const char* const kWebSocket =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket, other/1\r\n\r\n";

TEST(ResponseHead, RefusesWhatIsNotClear) {
  const std::string te = "Transfer-Encoding: ";
  const RequestHead asked = request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::vector<Refused> cases = {
      {"RFC 9112 4: garbage before the status line", line("x HTTP/1.1 200 OK"),
       HeadFault::bad_start_line},
      {"RFC 9112 4: no status line", line("Content-Length: 5"), HeadFault::bad_start_line},
      {"RFC 9112 4: version only", line("HTTP/1.1"), HeadFault::bad_start_line},
      {"RFC 9112 4: version and space", line("HTTP/1.1 "), HeadFault::bad_status},
      {"RFC 9112 4: two spaces", line("HTTP/1.1  200 OK"), HeadFault::bad_status},
      {"RFC 9112 4: tab", line("HTTP/1.1\t200 OK"), HeadFault::bad_start_line},
      {"RFC 9112 2.3: lower case", line("http/1.1 200 OK"), HeadFault::bad_version},
      {"RFC 9112 2.3: two digits", line("HTTP/1.10 200 OK"), HeadFault::bad_start_line},
      {"RFC 9112 2.3: HTTP/2", line("HTTP/2.0 200 OK"), HeadFault::unsupported_version},
      {"another protocol", line("ICY 200 OK"), HeadFault::bad_start_line},
      {"RFC 9110 15: two digits", line("HTTP/1.1 99 x"), HeadFault::bad_status},
      {"RFC 9110 15: four digits", line("HTTP/1.1 2000 x"), HeadFault::bad_status},
      {"RFC 9110 15: below 100", line("HTTP/1.1 099 x"), HeadFault::bad_status},
      {"RFC 9110 15: 600", line("HTTP/1.1 600 x"), HeadFault::bad_status},
      {"RFC 9110 15: letters", line("HTTP/1.1 2x0 x"), HeadFault::bad_status},
      {"RFC 9110 15: sign", line("HTTP/1.1 +20 x"), HeadFault::bad_status},
      {"RFC 9112 6.1: CL and TE", ok("Content-Length: 5\r\n" + te + "chunked"),
       HeadFault::length_and_chunked},
      {"RFC 9112 6.3: two CL", ok("Content-Length: 5\r\nContent-Length: 5"),
       HeadFault::repeated_content_length},
      {"RFC 9112 6.3: list", ok("Content-Length: 5, 5"), HeadFault::bad_content_length},
      {"RFC 9110 8.6: 2^64", ok("Content-Length: 18446744073709551616"),
       HeadFault::bad_content_length},
      {"RFC 9112 6.1: TE in HTTP/1.0", "HTTP/1.0 200 OK\r\n" + te + "chunked\r\n\r\n",
       HeadFault::transfer_encoding_in_http10},
      {"RFC 9112 6.3: TE without chunked", ok(te + "gzip"), HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.3: chunked not last", ok(te + "chunked, identity"),
       HeadFault::bad_transfer_encoding},
      {"RFC 9112 6.1: coding we do not undo", ok(te + "gzip, chunked"),
       HeadFault::unknown_transfer_coding},
      {"RFC 9112 5.1: space before colon", ok("Content-Length : 5"), HeadFault::space_before_colon},
      {"RFC 9112 5.2: obs-fold", ok("A: b\r\n c"), HeadFault::folded_field},
      {"RFC 9112 2.2: bare LF", "HTTP/1.1 200 OK\nA: b\r\n\r\n", HeadFault::bare_lf},
      {"RFC 9110 15.2.2: unasked 101",
       "HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: w\r\n\r\n", HeadFault::unasked_upgrade},
  };
  for (const Refused& c : cases) {
    for (const std::size_t piece : {1U, 1000U}) {
      const auto outcome = read_response(c.text, asked, piece);
      ASSERT_TRUE(outcome.fault.has_value()) << c.what << ": accepted\n" << c.text;
      EXPECT_EQ(*outcome.fault, c.fault) << c.what << ": " << text_of(*outcome.fault);
    }
  }
}

TEST(ResponseHead, ReadsTheStatusLine) {
  const ResponseHead head = response(line("HTTP/1.1 404 Not \xc3\xa9 Found"));
  EXPECT_EQ(head.status, 404U);
  EXPECT_EQ(head.reason, "Not \xc3\xa9 Found");
  EXPECT_EQ(response(line("HTTP/1.0 599 ")).reason, "");
  EXPECT_EQ(response(line("HTTP/1.0 200")).status, 200U) << "the space is the sender's duty";
  EXPECT_EQ(response(line("HTTP/1.0 200 OK")).version, Version::http10);
}

TEST(ResponseHead, FramesTheBody) {  // RFC 9112 6.3
  EXPECT_EQ(response(ok("Content-Length: 5")).framing, Framing::of_length(5));
  EXPECT_EQ(response(ok("Transfer-Encoding: Chunked")).framing, Framing::chunked());
  EXPECT_EQ(response(ok("A: b")).framing, Framing::until_close());
  EXPECT_FALSE(response(ok("A: b")).keep_alive);
  EXPECT_TRUE(response(ok("Content-Length: 0")).keep_alive);
}

TEST(ResponseHead, HasNoBodyWhateverIsAnnounced) {  // RFC 9112 6.3, RFC 9110 6.4.1
  for (const char* status : {"100", "103", "199", "204", "304"}) {
    for (const char* fields : {"A: b", "Content-Length: 0", "Content-Length: 5"}) {
      const ResponseHead head =
          response("HTTP/1.1 " + std::string(status) + " x\r\n" + fields + "\r\n\r\n");
      EXPECT_EQ(head.framing, Framing::none()) << status << fields;
    }
  }
  const ResponseHead head = response(ok("Content-Length: 5"), kHead);
  EXPECT_EQ(head.framing, Framing::none());
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(response(ok("Transfer-Encoding: chunked"), kHead).framing, Framing::none());
  EXPECT_TRUE(response(ok("A: b"), kHead).keep_alive);
}

TEST(ResponseHead, IsTheLastOneWhenABodyIsAnnouncedWhereNoneCanBe) {
  EXPECT_FALSE(response("HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(response("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n").keep_alive);
  EXPECT_FALSE(response("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n").keep_alive);
}

TEST(ResponseHead, KnowsWhetherTheConnectionLivesOn) {  // RFC 9112 9.3
  const auto http10 = [](const std::string& fields) {
    return "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n" + fields + "\r\n";
  };
  EXPECT_FALSE(response(ok("Content-Length: 0\r\nConnection: close")).keep_alive);
  EXPECT_FALSE(response(http10("")).keep_alive);
  EXPECT_TRUE(response(http10("Connection: keep-alive\r\n")).keep_alive);
}

TEST(ResponseHead, TellsInterimFromFinal) {  // RFC 9110 15.2
  EXPECT_TRUE(response(line("HTTP/1.1 100 Continue")).interim());
  EXPECT_TRUE(response(line("HTTP/1.1 103 Early Hints")).interim());
  EXPECT_FALSE(response(ok("Content-Length: 0")).interim());
}

TEST(ResponseHead, SwitchesOnlyToWhatWasOffered) {  // RFC 9110 7.8
  const auto switching = [](const std::string& protocol) {
    return "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: " + protocol + "\r\n\r\n";
  };
  const RequestHead asked = request(kWebSocket);
  const ResponseHead head = response(switching("WebSocket"), kWebSocket);
  EXPECT_EQ(head.upgrade, "WebSocket");
  EXPECT_FALSE(head.interim());
  EXPECT_EQ(read_response(switching("else"), asked).fault, HeadFault::unasked_upgrade);
  EXPECT_EQ(read_response(switching("websocket, else"), asked).fault, HeadFault::unasked_upgrade);
  EXPECT_EQ(read_response("HTTP/1.1 101 x\r\n\r\n", asked).fault, HeadFault::unasked_upgrade);
  const RequestHead plain = request("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(read_response("HTTP/1.1 101 x\r\n\r\n", plain).fault, HeadFault::unasked_upgrade);
}

}  // namespace
}  // namespace chainmend::http
