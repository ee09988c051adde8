#include <array>

#include "proxy/http/rewrite.h"
#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

const std::string kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGet10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const std::string kHead = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";

// Plans and writes, as a session does. Via and Date are left out.
std::string rewritten(const std::string& text, const std::string& asked = kGet,
                      ResponseRewrite rewrite = {}) {
  const RequestHead to = request(asked);
  const ResponseHead head = response(text, asked);
  const ResponsePlan plan = plan_response(to, head, true);
  rewrite.client_version = to.version;
  rewrite.framing = plan.framing;
  rewrite.keep_alive = plan.keep_alive;
  rewrite.via = {};
  std::string out = "old";
  write_response_head(head, rewrite, out);
  EXPECT_FALSE(read_response(out, to).fault.has_value()) << out;
  return out;
}

TEST(RewriteResponse, KeepsUnknownFieldsInNameOrderAndCase) {
  const std::string text =
      "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nSet-Cookie: a=1\r\n"
      "x-FEServer: CAS\r\nset-cookie: b=2\r\nWWW-Authenticate: Negotiate\r\n"
      "WWW-Authenticate: NTLM\r\nContent-Length: 0\r\nSet-Cookie: c=3\r\n\r\n";
  EXPECT_EQ(rewritten(text), text);
}

TEST(RewriteResponse, RemovesWhatConcernsOneConnection) {  // RFC 9110 7.6.1
  EXPECT_EQ(rewritten("HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-hop: 1\r\n"
                      "Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nUpgrade: h2\r\n"
                      "Trailer: X-T\r\nContent-Length: 5\r\nX-Stays: 1\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Stays: 1\r\n\r\n");
}

TEST(RewriteResponse, FramesForTheClientsVersion) {  // RFC 9112 6.1
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string close = "HTTP/1.0 200 OK\r\n\r\n";
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(rewritten(chunked), chunked);
  EXPECT_EQ(rewritten(close), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(rewritten(length), length);
  EXPECT_EQ(rewritten(chunked, kGet10), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(rewritten(close, kGet10), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(rewritten(length, kGet10),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(rewritten(length, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(RewriteResponse, TellsALengthOnlyWhereItMayStand) {  // RFC 9110 8.6
  EXPECT_EQ(rewritten("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", kHead),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(rewritten("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", kHead),
            "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(rewritten("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n"),
            "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(rewritten("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n"), "HTTP/1.1 204 x\r\n\r\n");
  EXPECT_EQ(rewritten("HTTP/1.1 100 x\r\nContent-Length: 0\r\n\r\n"), "HTTP/1.1 100 x\r\n\r\n");
}

TEST(RewriteResponse, PassesInterimAnswersToThoseWhoKnowThem) {  // RFC 9110 15.2
  const std::string hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  EXPECT_EQ(rewritten(hints), hints);
  EXPECT_TRUE(plan_response(request(kGet), response(hints), true).forward);
  EXPECT_FALSE(plan_response(request(kGet10), response(hints), true).forward);
  EXPECT_TRUE(plan_response(request(kGet10), response("HTTP/1.1 200 x\r\n\r\n"), true).forward);
}

TEST(RewriteResponse, PassesASwitchOfProtocols) {
  const std::string asked =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
  EXPECT_EQ(rewritten("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                      "Sec-WebSocket-Accept: y\r\n\r\n",
                      asked),
            "HTTP/1.1 101 x\r\nSec-WebSocket-Accept: y\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\n\r\n");
}

TEST(RewriteResponse, ClosesWhenAnyReasonSaysSo) {
  const ResponseHead length = response("HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\n");
  const RequestHead keep = request(kGet);
  const RequestHead close = request("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(plan_response(keep, length, true).keep_alive);
  EXPECT_FALSE(plan_response(keep, length, false).keep_alive);
  EXPECT_FALSE(plan_response(close, length, true).keep_alive);
  const ResponseHead upstream_closes =
      response("HTTP/1.1 200 x\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(plan_response(keep, upstream_closes, true).keep_alive)
      << "that is about the other connection";
}

TEST(RewriteResponse, AddsViaAndDateToFinalAnswers) {  // RFC 9110 7.6.3, 6.6.1
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  ResponseRewrite rewrite;
  rewrite.date = date;
  rewrite.framing = Framing::of_length(0);
  std::string out;
  write_response_head(response("HTTP/1.0 200 x\r\nContent-Length: 0\r\n\r\n"), rewrite, out);
  EXPECT_EQ(out, "HTTP/1.1 200 x\r\nContent-Length: 0\r\nDate: " + date +
                     "\r\nVia: 1.0 chainmend\r\n\r\n");
  write_response_head(response("HTTP/1.1 200 x\r\ndate: then\r\nContent-Length: 0\r\n\r\n"),
                      rewrite, out);
  EXPECT_EQ(out, "HTTP/1.1 200 x\r\ndate: then\r\nContent-Length: 0\r\nVia: 1.1 chainmend\r\n\r\n");
  rewrite.framing = Framing::none();
  write_response_head(response("HTTP/1.1 100 x\r\n\r\n"), rewrite, out);
  EXPECT_EQ(out, "HTTP/1.1 100 x\r\n\r\n");
}

TEST(RewriteResponse, AppliesTheOperatorsChanges) {
  const std::array<FieldChange, 3> changes = {FieldChange{"Strict-Transport-Security", "max-age=1"},
                                              FieldChange{"server", "", true},
                                              FieldChange{"Transfer-Encoding", "x"}};
  ResponseRewrite rewrite;
  rewrite.changes = changes;
  EXPECT_EQ(rewritten("HTTP/1.1 200 x\r\nServer: IIS\r\nContent-Length: 0\r\n\r\n", kGet, rewrite),
            "HTTP/1.1 200 x\r\nContent-Length: 0\r\nStrict-Transport-Security: max-age=1\r\n\r\n");
}

}  // namespace
}  // namespace chainmend::http
