#include "proxy/lab/answers.h"

#include <gtest/gtest.h>

#include "proxy/http/codec1.h"

namespace chainmend::lab {
namespace {

Answer asked(const std::string& line, const std::string& fields = "") {
  http::RequestHead head;
  const auto parsed = http::parse_request(line + " HTTP/1.1\r\nHost: mail\r\n" + fields + "\r\n",
                                          http::HeadLimits{}, head);
  EXPECT_TRUE(parsed.has_value());
  return answer_of_exchange(head);
}

TEST(Answers, EwsWantsALogon) {
  const Answer first = asked("POST /EWS/Exchange.asmx");
  EXPECT_EQ(first.status, 401U);
  EXPECT_NE(first.fields.find("WWW-Authenticate: NTLM\r\n"), std::string::npos);
  const Answer challenged =
      asked("POST /ews/exchange.asmx", "Authorization: NTLM TlRMTVNTUAABAAAAB4IIAA==\r\n");
  EXPECT_EQ(challenged.status, 401U);
  // "NTLMSSP", NUL and type 2, in base64.
  EXPECT_NE(challenged.fields.find("WWW-Authenticate: NTLM TlRMTVNTUAACAAAA"), std::string::npos);
  const Answer in =
      asked("POST /EWS/Exchange.asmx", "Authorization: NTLM TlRMTVNTUAADAAAAGAAYAA==\r\n");
  EXPECT_EQ(in.status, 200U);
  EXPECT_NE(in.body.find("ServerVersionInfo"), std::string::npos);
  EXPECT_EQ(in.user, "CONTOSO\\ntlm");
}

TEST(Answers, AutodiscoverNamesEws) {
  const Answer answer =
      asked("POST /autodiscover/autodiscover.xml", "Authorization: Basic YTpi\r\n");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_NE(answer.body.find("<EwsUrl>https://mail.contoso.test/EWS/"), std::string::npos);
}

TEST(Answers, CertauthWantsACertificate) {
  EXPECT_EQ(asked("POST /shoreauth/certauth").status, 403U);
  EXPECT_EQ(asked("POST /shoreauth/certauth", "X-ARR-ClientCert: MIIB\r\n").status, 200U);
}

TEST(Answers, HealthPagesNeedNoLogonAndOtherPlacesAreNone) {
  EXPECT_EQ(asked("GET /EWS/healthcheck.htm").status, 200U);
  EXPECT_EQ(asked("GET /").status, 404U);
  EXPECT_EQ(asked("GET /ews/streaming", "Authorization: Basic YTpi\r\n").pace,
            Answer::Pace::in_pieces);
}

}  // namespace
}  // namespace chainmend::lab
