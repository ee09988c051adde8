// reference.yaml cannot go stale: every key is in it, and what it gives as defaults are the
// defaults.
#include <algorithm>
#include <iterator>

#include "config/reference.h"

#include "config/load.h"
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

class Reference : public testing::Test {
 protected:
  void SetUp() override {
    Result<Config> config = parse(reference(), "reference.yaml", reader_);
    ASSERT_TRUE(config) << testing::PrintToString(describe(config.error()));
    config_ = *std::move(config);
  }

  Reader reader_;
  Config config_;
};

TEST_F(Reference, HasEveryKeyThatIsKnown) {
  Messages left_out;
  std::ranges::set_difference(reader_.known_keys, reader_.given_keys, std::back_inserter(left_out));
  EXPECT_EQ(left_out, Messages{});
  EXPECT_TRUE(reader_.known_keys.contains("listeners.timeouts.first_byte"));
  EXPECT_TRUE(reader_.known_keys.contains("certificates.*.pfx"));
}

TEST_F(Reference, GivesTheDefaults) {
  EXPECT_EQ(config_.admin, Admin{});
  EXPECT_EQ(config_.process, Process{});
  EXPECT_EQ(config_.logs, Logs{});
  EXPECT_EQ(config_.chain, Chain{});
  EXPECT_EQ(config_.clients, Clients{});
  EXPECT_EQ(config_.tls_policies.at(0).base, TlsPolicy{}.base);
  const Listener& listener = config_.listeners.at(0);
  EXPECT_EQ(listener.mode, Listener{}.mode);
  EXPECT_EQ(listener.policy, Listener{}.policy);
  EXPECT_EQ(listener.timeouts, Listener{}.timeouts);
  EXPECT_EQ(listener.limits, Listener{}.limits);
  EXPECT_EQ(listener.trusted_sources, Listener{}.trusted_sources);
  EXPECT_EQ(listener.proxy_protocol, Listener{}.proxy_protocol);
  EXPECT_EQ(listener.forwarded, Listener{}.forwarded);
  const Route& route = listener.routes.at(0);
  EXPECT_EQ(route.path, Route{}.path);
  EXPECT_EQ(route.max_body, Route{}.max_body);
  EXPECT_EQ(route.continue_after, Route{}.continue_after);
  Upstream upstream;
  upstream.tls.trust = Chain{}.trust;  // what it stands for when it is left out
  EXPECT_EQ(config_.upstreams.at(0).tls, upstream.tls);
  EXPECT_EQ(config_.upstreams.at(0).timeouts, upstream.timeouts);
  EXPECT_EQ(config_.upstreams.at(0).keep_alive, upstream.keep_alive);
  EXPECT_EQ(config_.upstreams.at(0).proxy_protocol, upstream.proxy_protocol);
}

TEST_F(Reference, NamesTheBuiltInPolicies) {
  for (const std::string_view name : kBuiltInPolicies) {
    EXPECT_NE(reference().find(name), std::string::npos) << name;
  }
}

TEST_F(Reference, GivesNoWarning) { EXPECT_EQ(describe(config_.warnings), Messages{}); }

}  // namespace
}  // namespace chainmend::config
