#include "proxy/http/auth_scheme.h"

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

TEST(AuthScheme, FindsConnectionBoundSchemesInAnyPosition) {
  for (const char* value :
       {"NTLM", "ntlm TlRMTVNTUAAB", "Negotiate", "NEGOTIATE YII=", "Kerberos YII=", "CredSSP x",
        "Basic realm=\"x\", NTLM", "Basic realm=\"a, b\",Negotiate", "Negotiate, NTLM",
        "Digest qop=\"auth,auth-int\", nonce=\"y\" ,\tNTLM", "Nego2 x", "NegotiateEx x", ",,NTLM",
        "Basic realm=\"never closed, NTLM"}) {
    EXPECT_TRUE(has_connection_bound_scheme(value)) << value;
  }
}

TEST(AuthScheme, LetsPerRequestSchemesBe) {
  for (const char* value : {"", "Basic bnRsbTpudGxt", "Bearer NTLM", "Basic realm=\"NTLM\"",
                            "Digest username=\"negotiate\", realm=x", "NT LM", "xNTLM", "nt"}) {
    EXPECT_FALSE(has_connection_bound_scheme(value)) << value;
  }
}

TEST(AuthScheme, LooksAtTheRightFieldsOfARequest) {
  const auto bound = [](const std::string& field) {
    return is_connection_bound(
        request("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n" + field + "\r\n\r\n"));
  };
  EXPECT_TRUE(bound("Authorization: NTLM x"));
  EXPECT_TRUE(bound("authorization: Basic x\r\nAUTHORIZATION: Negotiate x"));
  EXPECT_TRUE(bound("Proxy-Authorization: Kerberos x"));
  EXPECT_FALSE(bound("Authorization: Basic x"));
  EXPECT_FALSE(bound("X-Authorization: NTLM x"));
  EXPECT_FALSE(bound("WWW-Authenticate: NTLM"));
}

TEST(AuthScheme, LooksAtTheRightFieldsOfAnAnswer) {
  const auto bound = [](const std::string& status, const std::string& field) {
    return is_connection_bound(
        response("HTTP/1.1 " + status + " x\r\nA: b\r\n" + field + "\r\n\r\n"));
  };
  EXPECT_TRUE(bound("401", "WWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: NTLM"));
  EXPECT_TRUE(bound("407", "Proxy-Authenticate: Negotiate"));
  EXPECT_TRUE(bound("200", "WWW-Authenticate: Negotiate oYG=")) << "the mutual last leg";
  EXPECT_TRUE(bound("200", "Persistent-Auth: TRUE"));
  EXPECT_FALSE(bound("200", "Persistent-Auth: false"));
  EXPECT_FALSE(bound("401", "WWW-Authenticate: Bearer"));
}

}  // namespace
}  // namespace chainmend::http
