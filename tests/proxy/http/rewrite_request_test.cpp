#include <array>

#include "proxy/http/rewrite.h"
#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

// Everything of ours switched off, so that a test sees what it is about.
RequestRewrite plain() {
  RequestRewrite rewrite;
  rewrite.via = {};
  return rewrite;
}

std::string rewritten(const std::string& text, const RequestRewrite& rewrite = plain()) {
  std::string out = "old";
  write_request_head(request(text), rewrite, out);
  // Its own output is a head that passes the same checks.
  EXPECT_FALSE(read_request(out).fault.has_value()) << out;
  EXPECT_EQ(read_request(out).bytes, out.size()) << out;
  return out;
}

// What a GET with these fields becomes, without start line and Host.
std::string fields(const std::string& in, const RequestRewrite& rewrite = plain()) {
  std::string out = rewritten("GET / HTTP/1.1\r\nHost: a\r\n" + in + "\r\n", rewrite);
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string end = "\r\n";
  EXPECT_TRUE(out.starts_with(start) && out.ends_with(end)) << out;
  out = out.substr(start.size(), out.size() - start.size() - end.size());
  const std::string facts = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: a\r\n";
  const std::size_t at = out.find(facts);
  return at == std::string::npos ? out : out.erase(at, facts.size());
}

TEST(RewriteRequest, KeepsUnknownFieldsInNameOrderAndCase) {
  const std::string in =
      "x-AnchorMailbox: a@b\r\nCookie: b=1; a=2\r\nAuthorization: NTLM TlRM\r\ncookie: c=3\r\n"
      "Range: bytes=1-2\r\nX-Odd: a,b;c=\"d\"\r\nExpect: 100-continue\r\n";
  EXPECT_EQ(fields(in), in);
}

TEST(RewriteRequest, KeepsItsOwnCookieFromTheUpstream) {
  RequestRewrite rewrite = plain();
  rewrite.own_cookie = "where";
  EXPECT_EQ(fields("Cookie: a=b; where=x; c=d\r\ncookie: where=y\r\nX-A: where=z\r\n", rewrite),
            "Cookie: a=b; c=d\r\nX-A: where=z\r\n");
  EXPECT_EQ(fields("Cookie: a=b;c=d\r\n", rewrite), "Cookie: a=b;c=d\r\n");
  EXPECT_EQ(fields("Connection: cookie\r\nCookie: a=b; where=x\r\n", rewrite), "");
}

TEST(RewriteRequest, RemovesWhatConcernsOneConnection) {  // RFC 9110 7.6.1
  EXPECT_EQ(fields("Connection: close, X-Hop, x-other\r\nKeep-Alive: timeout=5\r\n"
                   "Proxy-Connection: keep-alive\r\nX-HOP: 1\r\nX-Other: 2\r\nX-Stays: 3\r\n"
                   "TE: gzip\r\nUpgrade: websocket\r\nTrailer: X-T\r\n"),
            "X-Stays: 3\r\n");
}

TEST(RewriteRequest, KeepsHostAndFramingWhateverConnectionLists) {
  EXPECT_EQ(rewritten("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                      "Connection: host, content-length\r\n\r\n"),
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: a\r\n\r\n");
}

TEST(RewriteRequest, WritesTheFramingItself) {
  EXPECT_EQ(fields("Content-Length: 0007\r\n"), "Content-Length: 7\r\n");
  EXPECT_EQ(fields("Transfer-Encoding: CHUNKED\r\nTrailer: X-T\r\n"),
            "Trailer: X-T\r\nTransfer-Encoding: chunked\r\n");
}

TEST(RewriteRequest, PassesTrailersWishAndUpgrade) {  // RFC 9110 10.1.4, 7.8
  EXPECT_EQ(fields("TE: gzip;q=0.5, Trailers\r\nConnection: TE\r\n"),
            "TE: trailers\r\nConnection: TE\r\n");
  EXPECT_EQ(fields("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"),
            "Upgrade: websocket\r\nConnection: Upgrade\r\n");
  EXPECT_EQ(fields("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"),
            "");
}

TEST(RewriteRequest, SaysCloseUpstreamWhenAsked) {
  RequestRewrite rewrite = plain();
  rewrite.keep_alive = false;
  EXPECT_EQ(fields("", rewrite), "Connection: close\r\n");
  EXPECT_EQ(fields("TE: trailers\r\nConnection: TE, upgrade\r\nUpgrade: a\r\n", rewrite),
            "TE: trailers\r\nUpgrade: a\r\nConnection: close, Upgrade, TE\r\n");
}

TEST(RewriteRequest, TurnsTheAbsoluteFormIntoTheOriginForm) {  // RFC 9112 3.2.2
  EXPECT_TRUE(rewritten("GET http://Mail.example.com:8080/a?b HTTP/1.1\r\n"
                        "Host: mail.example.com:8080\r\n\r\n")
                  .starts_with("GET /a?b HTTP/1.1\r\nHost: Mail.example.com:8080\r\n"));
  EXPECT_TRUE(
      rewritten("GET http://a HTTP/1.0\r\n\r\n").starts_with("GET / HTTP/1.1\r\nHost: a\r\n"));
  EXPECT_TRUE(rewritten("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n")
                  .starts_with("OPTIONS * HTTP/1.1\r\nHost: a\r\n"));
}

TEST(RewriteRequest, KeepsHostWithItsPort) {
  EXPECT_TRUE(rewritten("GET / HTTP/1.1\r\nhost: Mail.Example.com:8443\r\n\r\n")
                  .starts_with("GET / HTTP/1.1\r\nhost: Mail.Example.com:8443\r\n"));
}

TEST(RewriteRequest, MakesAnHttp10RequestA11One) {
  RequestRewrite rewrite = plain();
  rewrite.default_host = "cas.example.com:8080";
  EXPECT_EQ(rewritten("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
                      "TE: trailers\r\nConnection: keep-alive, TE\r\n\r\n",
                      rewrite),
            "POST / HTTP/1.1\r\nHost: cas.example.com:8080\r\nContent-Length: 5\r\n"
            "X-Forwarded-Proto: https\r\n\r\n");
}

TEST(RewriteRequest, CountsMaxForwardsDown) {  // RFC 9110 7.6.2
  EXPECT_NE(rewritten("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 010\r\n\r\n")
                .find("\r\nMax-Forwards: 9\r\n"),
            std::string::npos);
  EXPECT_EQ(fields("Max-Forwards: 10\r\n"), "Max-Forwards: 10\r\n") << "GET is not concerned";
}

TEST(RewriteRequest, AddsVia) {  // RFC 9110 7.6.3
  RequestRewrite rewrite;
  EXPECT_EQ(fields("Via: 1.0 fred\r\n", rewrite), "Via: 1.0 fred\r\nVia: 1.1 chainmend\r\n");
  EXPECT_NE(rewritten("GET / HTTP/1.0\r\nHost: a\r\n\r\n", rewrite).find("\r\nVia: 1.0 chainmend"),
            std::string::npos);
}

const std::string kClaims =
    "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: evil\r\nX-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /x\r\n"
    "X-ARR-ClientCert: MII\r\nx_arr_clientcert: MII\r\nX-ARR-SSL: 2048\r\nClient-Cert: :MII:\r\n"
    "X-SSL-Client-Verify: SUCCESS\r\nX-Forwarded-Tls-Client-Cert: MII\r\nX-Real-IP: 1.1.1.1\r\n";

TEST(RewriteRequest, TellsWhoTheClientIsAndBelievesNobodyElse) {
  RequestRewrite rewrite = plain();
  rewrite.client_address = "192.0.2.7";
  rewrite.port = 443;
  EXPECT_EQ(fields(kClaims + "X-Other: 1\r\n", rewrite),
            "X-Other: 1\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Port: 443\r\n");
}

TEST(RewriteRequest, ExtendsTheClaimsOfATrustedSender) {
  RequestRewrite rewrite = plain();
  rewrite.client_address = "192.0.2.7";
  rewrite.port = 443;
  rewrite.trust_client_claims = true;
  EXPECT_EQ(fields("X-Forwarded-For: 1.1.1.1, 2.2.2.2\r\nx-forwarded-for: 3.3.3.3\r\n"
                   "X-Forwarded-Proto: http\r\nX-Forwarded-Host: real\r\nX-Forwarded-Port: 80\r\n"
                   "Forwarded: for=1.1.1.1\r\nX-ARR-ClientCert: MII\r\n",
                   rewrite),
            "X-Forwarded-Proto: http\r\nX-Forwarded-Host: real\r\nX-Forwarded-Port: 80\r\n"
            "Forwarded: for=1.1.1.1\r\nX-ARR-ClientCert: MII\r\n"
            "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.7\r\n");
}

TEST(RewriteRequest, TellsTheClientsCertificateItself) {
  const std::array<FieldChange, 2> identity = {FieldChange{"X-ARR-ClientCert", "ours"},
                                               FieldChange{"X-SSL-Verify", "SUCCESS"}};
  RequestRewrite rewrite = plain();
  rewrite.identity = identity;
  const std::string ours = "X-ARR-ClientCert: ours\r\nX-SSL-Verify: SUCCESS\r\n";
  EXPECT_EQ(fields("X-ARR-ClientCert: MII\r\nX_SSL_VERIFY: no\r\n", rewrite), ours);
  EXPECT_EQ(fields("Connection: x-arr-clientcert, X-SSL-Verify\r\n", rewrite), ours);
  rewrite.trust_client_claims = true;
  EXPECT_EQ(fields("x_arr_clientcert: theirs\r\n", rewrite),
            "x_arr_clientcert: theirs\r\nX-SSL-Verify: SUCCESS\r\n");
  EXPECT_EQ(fields("X-ARR-ClientCert: theirs\r\nConnection: X-ARR-ClientCert\r\n", rewrite), ours);
  const std::array<FieldChange, 1> changes = {FieldChange{"X-SSL-Verify", "", true}};
  rewrite.changes = changes;
  EXPECT_EQ(fields("", rewrite), "X-ARR-ClientCert: ours\r\n");
}

TEST(RewriteRequest, WritesForwardedWhenAsked) {  // RFC 7239 4, 6
  RequestRewrite rewrite = plain();
  rewrite.forwarded = true;
  rewrite.client_address = "192.0.2.7";
  EXPECT_NE(rewritten("GET / HTTP/1.1\r\nHost: a:1\r\nForwarded: for=1.1.1.1\r\n\r\n", rewrite)
                .find("\r\nForwarded: for=192.0.2.7;host=\"a:1\";proto=https\r\n"),
            std::string::npos);
  rewrite.client_address = "2001:db8::1";
  rewrite.trust_client_claims = true;
  EXPECT_NE(
      rewritten("GET / HTTP/1.1\r\nHost: a\r\nForwarded: for=1.1.1.1\r\n\r\n", rewrite)
          .find("\r\nForwarded: for=1.1.1.1, for=\"[2001:db8::1]\";host=\"a\";proto=https\r\n"),
      std::string::npos);
}

TEST(RewriteRequest, GivesARequestAnIdUnlessItHasOne) {
  RequestRewrite rewrite = plain();
  rewrite.request_id = "7f";
  EXPECT_EQ(fields("", rewrite), "X-Request-Id: 7f\r\n");
  EXPECT_EQ(fields("x-request-id: 1\r\n", rewrite), "x-request-id: 1\r\n");
  EXPECT_EQ(fields("X-Request-Id: 1\r\nConnection: x-request-id\r\n", rewrite),
            "X-Request-Id: 7f\r\n");
}

TEST(RewriteRequest, AppliesTheOperatorsChanges) {
  const std::array<FieldChange, 6> changes = {
      FieldChange{"X-Set", "new"},        FieldChange{"x-gone", "", true},
      FieldChange{"Host", "cas:8080"},    FieldChange{"X-Forwarded-Proto", "http"},
      FieldChange{"Content-Length", "9"}, FieldChange{"Connection", "close"}};
  RequestRewrite rewrite = plain();
  rewrite.changes = changes;
  EXPECT_EQ(rewritten("POST / HTTP/1.1\r\nHost: a\r\nx-set: 1\r\nX-Gone: 2\r\nX-SET: 3\r\n"
                      "Content-Length: 5\r\n\r\n",
                      rewrite),
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nX-Forwarded-Host: a\r\nX-Set: new\r\n"
            "Host: cas:8080\r\nX-Forwarded-Proto: http\r\n\r\n");
}

}  // namespace
}  // namespace chainmend::http
