// TLS that goes on as it comes: what passes, what is refused, and what is counted.
#include <gmock/gmock.h>

#include "tests/proxy/clients/hello_bytes.h"
#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using clients::testing::Bytes;
using clients::testing::HelloBytes;
using namespace std::string_literals;
using ::testing::StartsWith;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::string hello() {
  HelloBytes bytes;
  bytes.version = 0x0303;
  bytes.extensions = {{0, HelloBytes::server_name("certauth.test")}};
  return text_of(bytes.records());
}
const std::string kHello = hello();
const std::string kFatal = "\x15\x03\x03\x00\x02\x02"s;  // an alert, but for its number

class Passing : public Lab {
 public:
  Passing() {
    listener.mode = config::Mode::passthrough;
    listener.passthrough.push_back({{}, {}, groups.front().get(), nullptr});
  }
  double count(const std::string& metric, const std::string& label) {
    double sum = 0;
    for (const auto& [series, value] : metrics::scrape(metrics)) {
      if (series.starts_with("chainmend_" + metric) && series.find(label) != std::string::npos) {
        sum += value;
      }
    }
    return sum;
  }
  double failures_by(const std::string& reason) {
    return count("tls_handshake_failures_total", "reason=\"" + reason + "\"");
  }
};

TEST(Passthrough, HandsTheHelloOnAsItCame) {
  Passing lab;
  Wire client = lab.connect();
  for (const char byte : kHello) {
    client.send({&byte, 1});
  }
  Wire server = lab.upstream.accept();
  EXPECT_EQ(server.receive(kHello.size()), kHello);
  server.send("whatever");
  EXPECT_EQ(client.receive(8), "whatever");
}

TEST(Passthrough, HandsOnWhatCameWithTheHello) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kHello + "more");
  Wire server = lab.upstream.accept();
  EXPECT_EQ(server.receive(kHello.size() + 4), kHello + "more");
  client.finish_writing();
  EXPECT_EQ(server.end(), End::fin);
  server.send("answer");
  server.close();
  EXPECT_EQ(client.receive_all(), "answer");
  EXPECT_TRUE(lab.all_over());
}

TEST(Passthrough, TellsTheServerWhoTheClientIs) {
  Passing lab;
  lab.groups.front()->proxy_header = net::ProxyVersion::v1;
  Wire client = lab.connect();
  client.send(kHello);
  Wire server = lab.upstream.accept();
  EXPECT_THAT(server.receive_until("\r\n"), StartsWith("PROXY TCP4 192.0.2.1 127.0.0.1 50123 "));
  EXPECT_EQ(server.receive(kHello.size()), kHello);
}

TEST(Passthrough, CountsAnAlertOfTheServerAndPassesItOn) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kHello);
  Wire server = lab.upstream.accept();
  server.send(kFatal + '\x46');
  EXPECT_EQ(client.receive(7), kFatal + '\x46');
  EXPECT_EQ(lab.failures_by("version_unsupported"), 1);
  EXPECT_EQ(lab.count("tls_alerts_total", "direction=\"sent\",alert=\"protocol_version\""), 1);
  server.close();
  client.close();
  EXPECT_TRUE(lab.all_over());
  EXPECT_EQ(lab.count("tls_handshakes_total", "outcome=\"failed\""), 1);
}

TEST(Passthrough, CountsAnAlertOfTheClient) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kHello);
  Wire server = lab.upstream.accept();
  client.send(kFatal + '\x30');
  EXPECT_EQ(server.receive(kHello.size() + 7), kHello + kFatal + '\x30');
  EXPECT_EQ(lab.failures_by("client_unknown_ca"), 1);
}

TEST(Passthrough, CountsAServerThatCannotBeReached) {
  Passing lab;
  lab.upstream.close();
  Wire client = lab.connect();
  client.send(kHello);
  // internal_error, of a version that every client understands
  EXPECT_EQ(client.receive_all(), "\x15\x03\x01\x00\x02\x02\x50"s);
  EXPECT_EQ(client.end(), End::fin);
  client.close();
  EXPECT_TRUE(lab.all_over());
  EXPECT_EQ(lab.failures_by("upstream_failed"), 1);
  EXPECT_EQ(lab.failures("connect"), 1);
}

TEST(Passthrough, CountsAServerThatGoesAway) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kHello);
  lab.upstream.accept().reset();
  EXPECT_EQ(client.end(), End::reset);
  EXPECT_EQ(lab.failures_by("upstream_failed"), 1);
}

TEST(Passthrough, CountsAClientThatGoesAway) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kHello);
  Wire server = lab.upstream.accept();
  server.receive(kHello.size());
  client.reset();
  EXPECT_EQ(server.end(), End::reset);
  EXPECT_EQ(lab.failures_by("client_aborted"), 1);
}

TEST(Passthrough, GivesUpOnAHandshakeThatHangs) {
  Passing lab;
  lab.listener.timeouts.handshake = kShort;
  Wire client = lab.connect();
  client.send(kHello);
  Wire server = lab.upstream.accept();
  EXPECT_NE(client.end(), End::none);
  EXPECT_EQ(lab.failures_by("upstream_failed"), 1);  // it was the server's turn
}

TEST(Passthrough, LeavesStrangersToNobody) {
  const std::pair<std::string, std::string> rows[] = {{"\x01\x02\x03\x04", "not_tls"},
                                                      {"", "connect_close"},
                                                      {kHello.substr(0, 9), "connect_close"}};
  for (const auto& [bytes, kind] : rows) {
    SCOPED_TRACE(kind);
    Passing lab;
    Wire client = lab.connect();
    client.send(bytes);
    client.finish_writing();
    EXPECT_NE(client.end(), End::none);
    EXPECT_TRUE(lab.all_over());
    EXPECT_EQ(lab.count("tls_noise_total", "kind=\"" + kind + "\""), 1);
    EXPECT_EQ(lab.count("tls_handshakes_total", ""), 0);
    EXPECT_TRUE(lab.upstream.deserted());
  }
}

TEST(Passthrough, AnswersPlainHttp) {
  Passing lab;
  Wire client = lab.connect();
  client.send(kGet);
  EXPECT_THAT(client.receive_head(), StartsWith("HTTP/1.1 400 "));
  EXPECT_EQ(lab.count("tls_noise_total", "kind=\"http_request\""), 1);
  EXPECT_TRUE(lab.upstream.deserted());
}

TEST(Passthrough, GivesUpOnHalfAHello) {
  Passing lab;
  lab.listener.timeouts.handshake = kShort;
  Wire client = lab.connect();
  client.send(kHello.substr(0, 20));
  EXPECT_NE(client.end(), End::none);
  EXPECT_EQ(lab.count("tls_noise_total", "kind=\"partial_hello_timeout\""), 1);
}

}  // namespace
}  // namespace chainmend::session::testing
