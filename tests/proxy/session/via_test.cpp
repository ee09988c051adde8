// Which messages name us in Via.
#include <gmock/gmock.h>

#include "tests/proxy/session/lab.h"

namespace chainmend::session::testing {
namespace {

using ::testing::HasSubstr;

std::string get(const std::string& field) {
  return "GET /a HTTP/1.1\r\nHost: a\r\n" + field + "\r\n";
}

struct Ask {
  std::string request_field;
  std::string answer_field;
  bool in_request;
  bool in_answer;
};

// Requests of one client, one after the other.
void check(config::Via via, const std::vector<Ask>& asks) {
  Lab lab;
  lab.listener.routes.front().via = via;
  Wire client = lab.connect();
  Wire server;
  for (std::size_t i = 0; i < asks.size(); ++i) {
    SCOPED_TRACE(i);
    client.send(get(asks[i].request_field));
    if (i == 0) {
      server = lab.upstream.accept();
    }
    EXPECT_EQ(server.receive_head().find("\r\nVia: 1.1 chainmend\r\n") != std::string::npos,
              asks[i].in_request);
    server.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + asks[i].answer_field + "\r\n");
    EXPECT_EQ(client.receive_head().find("\r\nVia: 1.1 chainmend\r\n") != std::string::npos,
              asks[i].in_answer);
  }
}

TEST(Via, IsLeftOutAsSoonAsASchemeThatItSpoilsIsSeen) {
  for (const std::string scheme : {"NTLM", "Negotiate", "Kerberos", "Digest realm=\"x\""}) {
    SCOPED_TRACE(scheme);
    check(config::Via::automatic, {{"", "", true, true},
                                   {"", "WWW-Authenticate: " + scheme + "\r\n", true, false},
                                   {"", "", false, false}});
    check(config::Via::automatic,
          {{"Authorization: " + scheme + "\r\n", "", false, false}, {"", "", false, false}});
  }
}

TEST(Via, StaysWhereSchemesProveEachRequestByItself) {
  check(config::Via::automatic, {{"", "WWW-Authenticate: Basic realm=\"x\"\r\n", true, true},
                                 {"Authorization: Basic dTpw\r\n", "", true, true},
                                 {"Authorization: Bearer NTLM\r\n", "", true, true}});
}

TEST(Via, FollowsTheRouteThatSaysOnOrOff) {
  check(config::Via::on, {{"Authorization: NTLM x\r\n", "WWW-Authenticate: NTLM\r\n", true, true}});
  check(config::Via::off, {{"", "", false, false}});
}

TEST(Via, OfOthersIsPassedOnAllTheSame) {
  Lab lab;
  lab.listener.routes.front().via = config::Via::off;
  Wire client = lab.connect();
  client.send(get("Via: 1.0 first\r\n"));
  EXPECT_THAT(lab.upstream.accept().receive_head(), HasSubstr("\r\nVia: 1.0 first\r\n"));
}

}  // namespace
}  // namespace chainmend::session::testing
