#include "certs/host_match.h"

#include <gtest/gtest.h>

#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

TEST(HostMatch, FollowsTheRulesOfNames) {
  struct Row {
    const char* subject;
    const char* alternative_names;
    const char* host;
    bool matches;
  };
  const Row rows[] = {
      {"CN=x", "DNS:mail.contoso.com", "mail.contoso.com", true},
      {"CN=x", "DNS:mail.contoso.com", "MAIL.contoso.com", true},
      {"CN=x", "DNS:mail.contoso.com", "contoso.com", false},
      {"CN=x", "DNS:*.contoso.com", "mail.contoso.com", true},
      {"CN=x", "DNS:*.contoso.com", "a.mail.contoso.com", false},
      {"CN=x", "DNS:*.contoso.com", "contoso.com", false},
      {"CN=x", "DNS:ma*.contoso.com", "mail.contoso.com", false},
      {"CN=x", "IP:10.0.0.1", "10.0.0.1", true},
      {"CN=x", "IP:10.0.0.1", "10.0.0.2", false},
      {"CN=x", "DNS:10.0.0.1", "10.0.0.1", false},
      {"CN=x", "IP:2001:db8::1", "2001:db8:0::1", true},
      {"CN=mail.contoso.com", "", "mail.contoso.com", true},
      {"CN=mail.contoso.com", "DNS:www.contoso.com", "mail.contoso.com", false},
  };
  for (const Row& row : rows) {
    const testing::Identity leaf = testing::issue({.subject = row.subject,
                                                   .basic_constraints = {},
                                                   .alternative_names = row.alternative_names});
    EXPECT_EQ(is_for_host(*leaf.certificate, row.host), row.matches)
        << row.subject << " " << row.alternative_names << " " << row.host;
  }
}

}  // namespace
}  // namespace chainmend::certs
