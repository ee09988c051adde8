// What an HttpFetcher asks for, where it goes, and what it refuses to go to.
#include "proxy/net/http_fetcher.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/proxy/net/loopback_server.h"

namespace chainmend::net {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using certs::Bytes;
using certs::ErrorCode;
using certs::FetchLimits;
using certs::Result;

FetchLimits loopback_allowed() {
  FetchLimits limits;
  limits.allow_private_addresses = true;
  return limits;
}

std::string text_of(const Result<Bytes>& body) {
  return body ? std::string(body->begin(), body->end()) : body.error().describe();
}

// Resolves every name to the given addresses, and counts.
struct FixedLookup {
  std::vector<address> addresses;
  std::atomic<int> asked{0};
  HttpFetcher::Options options() {
    return {std::nullopt, [this](const std::string&, TimePoint, const std::stop_token&) {
              ++asked;
              return Result<std::vector<address>>(addresses);
            }};
  }
};

TEST(HttpFetcher, ReturnsTheBodyWhateverTheContentTypeSays) {
  LoopbackServer server(
      [](Peer& peer) { peer.send(answer("200 OK", "the body", "Content-Type: text/html\r\n")); });
  EXPECT_EQ(text_of(HttpFetcher().fetch(server.url("/ca.crt"), loopback_allowed())), "the body");
}

TEST(HttpFetcher, SendsAPlainGetThatTellsNothingAboutUs) {
  LoopbackServer server([](Peer& peer) { peer.send(answer("200 OK", "x")); });
  ASSERT_TRUE(HttpFetcher().fetch(server.url("/a?b=c#d"), loopback_allowed()));
  EXPECT_EQ(server.heads().at(0),
            "GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: chainmend\r\nAccept: */*\r\n"
                "Accept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

TEST(HttpFetcher, TakesStatus200Only) {
  for (const char* status :
       {"201 Created", "204 No Content", "206 Partial Content", "304 Not Modified",
        "401 Unauthorized", "404 Not Found", "500 Oops", "103 Early Hints"}) {
    LoopbackServer server([status](Peer& peer) { peer.send(answer(status, "")); });
    const auto body = HttpFetcher().fetch(server.url(), loopback_allowed());
    ASSERT_FALSE(body) << status;
    EXPECT_EQ(body.error().code, ErrorCode::network) << status;
    EXPECT_EQ(body.error().describe(),
              server.url() + ": the server answered " + std::string(status).substr(0, 3));
  }
}

TEST(HttpFetcher, FollowsThreeRedirectsAndNoMore) {
  // /N redirects N more times.
  LoopbackServer server([](Peer& peer) {
    const int left = std::stoi(peer.target().substr(1));
    peer.send(left == 0 ? answer("200 OK", "found") : redirect_to("/" + std::to_string(left - 1)));
  });
  EXPECT_EQ(text_of(HttpFetcher().fetch(server.url("/1"), loopback_allowed())), "found");
  EXPECT_EQ(text_of(HttpFetcher().fetch(server.url("/3"), loopback_allowed())), "found");
  EXPECT_EQ(server.requests(), 6U);
  const auto body = HttpFetcher().fetch(server.url("/4"), loopback_allowed());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::blocked);
  EXPECT_EQ(body.error().text, "more than 3 redirects");
  EXPECT_EQ(server.requests(), 10U);
}

TEST(HttpFetcher, RefusesRedirectsThatLeaveHttp) {
  for (const char* location : {"https://127.0.0.1/x", "file:///etc/passwd", "ldap:///x", ""}) {
    LoopbackServer server([location](Peer& peer) { peer.send(redirect_to(location)); });
    const auto body = HttpFetcher().fetch(server.url(), loopback_allowed());
    ASSERT_FALSE(body) << location;
    EXPECT_NE(body.error().text.find("refused redirect to " + std::string(location)),
              std::string::npos)
        << body.error().text;
    EXPECT_EQ(body.error().where, server.url());
    EXPECT_EQ(server.connections(), 1U);
  }
}

TEST(HttpFetcher, RefusesUrlsBeforeAskingAnyone) {
  FixedLookup lookup{{make_address("127.0.0.1")}};
  HttpFetcher fetcher(lookup.options());
  for (const std::string url :
       {"https://ca.example/", "file:///etc/passwd", "http://u:p@ca.example/",
        "http://ca.example/\r\nX: y", "http://ca.example:8080/"}) {
    const auto body = fetcher.fetch(url, FetchLimits());
    ASSERT_FALSE(body) << url;
    EXPECT_EQ(body.error().code, ErrorCode::blocked) << url;
    EXPECT_EQ(body.error().where.find_first_of("\r\n"), std::string::npos);
  }
  EXPECT_EQ(lookup.asked, 0);
}

TEST(HttpFetcher, RefusesLiteralAddressesThatAreNotPublic) {
  for (const char* host :
       {"127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
        "[::]", "192.168.1.1", "[fe80::1]", "[64:ff9b::7f00:1]"}) {
    const auto body = HttpFetcher().fetch("http://" + std::string(host) + "/", FetchLimits());
    ASSERT_FALSE(body) << host;
    EXPECT_EQ(body.error().code, ErrorCode::blocked) << host;
    EXPECT_NE(body.error().text.find("is not a public address"), std::string::npos) << host;
  }
}

TEST(HttpFetcher, RefusesSpellingsOfLoopbackThatOnlyTheResolverUnderstands) {
  // Not "localhost": a bare system has no /etc/hosts.
  for (const char* host : {"2130706433", "0x7f000001", "127.1", "0177.0.0.1"}) {
    const auto body = HttpFetcher().fetch("http://" + std::string(host) + "/", FetchLimits());
    ASSERT_FALSE(body) << host;
    EXPECT_EQ(body.error().code, ErrorCode::blocked) << host << ": " << body.error().text;
  }
}

TEST(HttpFetcher, RefusesANameWhenOneOfItsAddressesIsNotPublic) {
  FixedLookup lookup{{make_address("93.184.216.34"), make_address("10.0.0.1")}};
  const auto body = HttpFetcher(lookup.options()).fetch("http://ca.example/", FetchLimits());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::blocked);
  EXPECT_EQ(body.error().text, "10.0.0.1 is not a public address (private)");
}

TEST(HttpFetcher, ConnectsToTheAddressItCheckedAndSendsTheName) {
  LoopbackServer server([](Peer& peer) { peer.send(answer("200 OK", "x")); });
  FixedLookup lookup{{make_address("127.0.0.1")}};
  HttpFetcher fetcher(lookup.options());
  const std::string authority = "ca.example:" + std::to_string(server.port());
  EXPECT_EQ(text_of(fetcher.fetch("http://" + authority + "/", loopback_allowed())), "x");
  EXPECT_EQ(lookup.asked, 1) << "a second lookup could give another address than the checked one";
  EXPECT_NE(server.heads().at(0).find("\r\nHost: " + authority + "\r\n"), std::string::npos);
}

TEST(HttpFetcher, TriesTheNextAddressWhenOneDoesNotAnswer) {
  LoopbackServer server([](Peer& peer) { peer.send(answer("200 OK", "x")); });
  FixedLookup lookup{{make_address("127.0.0.2"), make_address("127.0.0.1")}};
  HttpFetcher fetcher(lookup.options());
  const std::string url = "http://ca.example:" + std::to_string(server.port());
  EXPECT_EQ(text_of(fetcher.fetch(url, loopback_allowed())), "x");
}

TEST(HttpFetcher, ChecksTheTargetOfARedirectAgain) {
  // The proxy stands for the internet here: the first answer comes from a public host, its redirect
  // does not.
  LoopbackServer server([](Peer& peer) { peer.send(redirect_to("http://ca.example:8080/")); });
  HttpFetcher::Options options;
  options.proxy = *parse_http_url(server.url());
  HttpFetcher fetcher(options);
  const auto body = fetcher.fetch("http://ca.example/", FetchLimits());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::blocked);
  EXPECT_EQ(body.error().where, "http://ca.example:8080/");
  EXPECT_EQ(server.requests(), 1U);
}

TEST(HttpFetcher, ResolvesAndChecksTheHostOfARedirect) {
  LoopbackServer server([](Peer& peer) { peer.send(redirect_to("http://inside.example/")); });
  HttpFetcher::Options options;
  options.lookup = [](const std::string& host, TimePoint, const std::stop_token&) {
    // Refused even with private addresses allowed, so that the server itself can stay on loopback.
    return Result<std::vector<address>>(
        {make_address(host == "inside.example" ? "224.0.0.1" : "127.0.0.1")});
  };
  const auto body = HttpFetcher(options).fetch(
      "http://ca.example:" + std::to_string(server.port()) + "/", loopback_allowed());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().describe(),
            "http://inside.example/: 224.0.0.1 is not a public address (multicast)");
}

TEST(HttpFetcher, AsksTheProxyInAbsoluteForm) {
  LoopbackServer proxy([](Peer& peer) { peer.send(answer("200 OK", "through the proxy")); });
  HttpFetcher::Options options;
  options.proxy = *parse_http_url(proxy.url());
  EXPECT_EQ(text_of(HttpFetcher(options).fetch("http://svr.example/G3.cer", FetchLimits())),
            "through the proxy");
  const std::string head = proxy.heads().at(0);
  EXPECT_EQ(head.substr(0, head.find("\r\nUser-Agent")),
            "GET http://svr.example/G3.cer HTTP/1.1\r\nHost: svr.example");
}

TEST(HttpFetcher, SaysWhichHostCannotBeResolved) {
  const auto body = HttpFetcher().fetch("http://no-such-host.invalid/", loopback_allowed());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::network);
  EXPECT_NE(body.error().text.find("cannot resolve no-such-host.invalid"), std::string::npos)
      << body.error().text;
}

TEST(HttpFetcher, SaysThatNobodyListens) {
  std::string url;
  {
    LoopbackServer gone([](Peer&) {});
    url = gone.url();
  }
  const auto body = HttpFetcher().fetch(url, loopback_allowed());
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, ErrorCode::network);
  EXPECT_EQ(body.error().text, "connecting: Connection refused");
}

}  // namespace
}  // namespace chainmend::net
