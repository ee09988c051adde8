// Every reason for which a chain is refused, and the key of the configuration that mends it.
#include "proxy/serving/remedy.h"

#include <gmock/gmock.h>

#include "proxy/net/address_rules.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kUrl = "http://ca.test/ca.cer";

struct Case {
  std::string what;
  certs::Failure failure;
  config::Aia aia;
  std::string key;         // that the sentence names; empty: no sentence
  std::string other = {};  // and that it must not name; empty: none
};

config::Aia aia(config::AiaMode mode, bool allow_private = false) {
  config::Aia settings;
  settings.mode = mode;
  settings.allow_private_addresses = allow_private;
  return settings;
}

std::vector<certs::Error> refused(const std::string& text) {
  return {{certs::ErrorCode::blocked, "aia-refused: " + text, kUrl, 0}};
}

std::string not_public(const std::string& address) {
  return net::refusal(boost::asio::ip::make_address(address), false);
}

class Remedy : public ::testing::Test {
 protected:
  Identity root_ = far_root("R");
  Identity ca_ = far_ca("I", root_);
  Identity leaf_ = far_leaf("mail.test", ca_, {kUrl});
  Identity plain_ = far_leaf("mail.test", ca_);
  const config::Aia off_ = aia(config::AiaMode::off);
  const config::Aia cached_ = aia(config::AiaMode::cache_only);
  const config::Aia fetch_ = aia(config::AiaMode::fetch);
  const config::Aia private_ = aia(config::AiaMode::fetch, true);

  certs::Failure failure(certs::Reason reason, const Identity& at,
                         const certs::CertificatePtr& refused = nullptr,
                         std::vector<certs::Error> notes = {}) const {
    return {reason, at.certificate, refused, std::move(notes)};
  }
  certs::Failure missing(const Identity& at, std::vector<certs::Error> notes = {}) const {
    return failure(certs::Reason::no_issuer, at, nullptr, std::move(notes));
  }
};

TEST_F(Remedy, AsksForNoBundleWhereNoneIsAsked) {
  const std::string said = remedy_for_own(missing(leaf_), "mail", config::Serve::as_given, fetch_);
  EXPECT_THAT(said, HasSubstr("leave out \"serve: as-given\""));
  EXPECT_THAT(said, Not(HasSubstr("chain.bundles")));
  EXPECT_THAT(remedy_for_own(failure(certs::Reason::untrusted_root, root_), "mail",
                             config::Serve::as_given, fetch_),
              HasSubstr("chain.trust"));
}

TEST_F(Remedy, NamesTheKeyForAChainOfOurOwn) {
  using certs::Reason;
  const std::string bundles = "chain.bundles";
  const std::string mode = "chain.aia.mode: fetch";
  const std::string allow = "chain.aia.allow_private_addresses";
  const std::vector<Case> cases = {
      {"missing", missing(leaf_), fetch_, bundles, "chain.aia"},
      {"missing, AIA off", missing(leaf_), off_, mode},
      {"missing, AIA from the cache alone", missing(leaf_), cached_, mode},
      {"missing, no URL to ask", missing(plain_), off_, bundles, "chain.aia"},
      {"namesake with another key", failure(Reason::bad_signature, leaf_, ca_.certificate), fetch_,
       bundles},
      {"private address", missing(leaf_, refused(not_public("10.0.0.1"))), fetch_, allow},
      {"loopback address", missing(leaf_, refused(not_public("127.0.0.1"))), fetch_, allow},
      {"port", missing(leaf_, refused(net::port_refusal(8080))), fetch_, allow},
      {"private address, allowed", missing(leaf_, refused(not_public("10.0.0.1"))), private_,
       bundles, allow},
      {"nothing that allowing would lift", missing(leaf_, refused(not_public("224.0.0.1"))), fetch_,
       bundles, allow},
      {"unspecified address", missing(leaf_, refused(not_public("0.0.0.0"))), fetch_, bundles,
       allow},
      {"another refusal", missing(leaf_, refused("the URL carries a user name or password")),
       fetch_, bundles, allow},
      {"strange root", failure(Reason::untrusted_root, root_), fetch_,
       "chain.trust (trust: [system, FILE]"},
      {"weak", failure(Reason::weak, leaf_, ca_.certificate), fetch_, "certificates.mail.weak"},
      {"expired issuer", failure(Reason::expired, leaf_, ca_.certificate), fetch_, bundles},
      {"expired leaf", failure(Reason::expired, leaf_, leaf_.certificate), fetch_, ""},
      {"name constraints", failure(Reason::name_constraints, leaf_, ca_.certificate), fetch_, ""},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const std::string said = remedy_for_own(one.failure, "mail", config::Serve::automatic, one.aia);
    if (one.key.empty()) {
      EXPECT_THAT(said, IsEmpty());
      continue;
    }
    EXPECT_THAT(said, HasSubstr(one.key));
    EXPECT_TRUE(one.other.empty() || said.find(one.other) == std::string::npos) << said;
    EXPECT_TRUE(said.starts_with("; ")) << said;
  }
}

TEST_F(Remedy, NamesTheKeyForAnUpstream) {
  const std::string trust = "upstreams.cas.tls.trust";
  EXPECT_THAT(remedy_for_upstream(missing(leaf_), "cas", &fetch_), HasSubstr("chain.bundles"));
  EXPECT_THAT(remedy_for_upstream(missing(leaf_), "cas", &fetch_), HasSubstr(trust));
  EXPECT_THAT(remedy_for_upstream(missing(leaf_), "cas", &off_),
              HasSubstr("chain.aia.mode: fetch"));
  EXPECT_THAT(remedy_for_upstream(missing(leaf_), "cas", nullptr),
              HasSubstr("upstreams.cas.tls.repair_chain: true"));
  EXPECT_THAT(remedy_for_upstream(failure(certs::Reason::untrusted_root, root_), "cas", &fetch_),
              HasSubstr(trust));
  EXPECT_THAT(remedy_for_upstream(failure(certs::Reason::expired, leaf_, leaf_.certificate), "cas",
                                  &fetch_),
              IsEmpty());
  EXPECT_THAT(remedy_for_upstream_name("cas"), HasSubstr("upstreams.cas.tls.server_name"));
}

}  // namespace
}  // namespace chainmend::serving::testing
