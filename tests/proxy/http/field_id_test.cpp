#include "proxy/http/field_id.h"

#include <gtest/gtest.h>

namespace chainmend::http {
namespace {

TEST(FieldId, KnowsItsNamesInAnyCase) {
  struct Case {
    const char* name;
    FieldId id;
  };
  for (const Case& c : {Case{"TE", FieldId::te},
                        Case{"via", FieldId::via},
                        Case{"HOST", FieldId::host},
                        Case{"Date", FieldId::date},
                        Case{"Expect", FieldId::expect},
                        Case{"Trailer", FieldId::trailer},
                        Case{"Upgrade", FieldId::upgrade},
                        Case{"Forwarded", FieldId::forwarded},
                        Case{"Connection", FieldId::connection},
                        Case{"Keep-Alive", FieldId::keep_alive},
                        Case{"Max-Forwards", FieldId::max_forwards},
                        Case{"X-Request-ID", FieldId::x_request_id},
                        Case{"Authorization", FieldId::authorization},
                        Case{"Content-Length", FieldId::content_length},
                        Case{"Persistent-Auth", FieldId::persistent_auth},
                        Case{"Proxy-Connection", FieldId::proxy_connection},
                        Case{"WWW-Authenticate", FieldId::www_authenticate},
                        Case{"Transfer-Encoding", FieldId::transfer_encoding},
                        Case{"Proxy-Authenticate", FieldId::proxy_authenticate},
                        Case{"Proxy-Authorization", FieldId::proxy_authorization},
                        Case{"X-Forwarded-For", FieldId::x_forwarded_for},
                        Case{"X-FORWARDED-HOST", FieldId::x_forwarded_host},
                        Case{"X-Forwarded-Port", FieldId::x_forwarded_port},
                        Case{"x-forwarded-proto", FieldId::x_forwarded_proto},
                        Case{"X-Forwarded-Tls-Client-Cert", FieldId::client_claim},
                        Case{"X-ARR-ClientCert", FieldId::client_claim},
                        Case{"X-ARR-SSL", FieldId::client_claim},
                        Case{"Client-Cert", FieldId::client_claim},
                        Case{"Client-Cert-Chain", FieldId::client_claim},
                        Case{"X-SSL-Client-DN", FieldId::client_claim},
                        Case{"X-Real-IP", FieldId::client_claim},
                        Case{"X_Forwarded_For", FieldId::x_forwarded_for},
                        Case{"X_ARR-ClientCert", FieldId::client_claim},
                        Case{"x.arr.clientcert", FieldId::client_claim},
                        Case{"X~SSL!Client'DN", FieldId::client_claim},
                        Case{"client^cert", FieldId::client_claim}}) {
    EXPECT_EQ(field_id(c.name), c.id) << c.name;
  }
}

TEST(FieldId, LeavesOtherNamesAlone) {
  for (const char* name : {"", "T", "Tea", "Hosts", "Content_Length", "Content-Lengths",
                           "Transfer-Encodings", "Proxy-Authorizations-x", "X-Forwarded",
                           "X-ARR-LOG-ID", "X-ARR-SSLx", "Client-Certainly"}) {
    const bool claim = std::string_view(name) == "Client-Certainly";  // a prefix is enough there
    EXPECT_EQ(field_id(name), claim ? FieldId::client_claim : FieldId::other) << name;
  }
}

TEST(FieldId, KnowsWhatIsAClaim) {
  EXPECT_TRUE(is_client_claim(field_id("Forwarded")));
  EXPECT_TRUE(is_client_claim(field_id("X-Forwarded-For")));
  EXPECT_TRUE(is_client_claim(field_id("X-Forwarded-Anything")));
  EXPECT_FALSE(is_client_claim(field_id("Via")));
  EXPECT_FALSE(is_client_claim(field_id("X-Request-Id")));
  EXPECT_FALSE(is_client_claim(field_id("Cookie")));
}

}  // namespace
}  // namespace chainmend::http
