#include "proxy/server/upstream_pages.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "proxy/metrics/metrics.h"
#include "tests/proxy/metrics/scraped.h"

namespace chainmend::server {
namespace {

using ::testing::HasSubstr;
using upstream::Wanted;

struct UpstreamPages : ::testing::Test {
  UpstreamPages() {
    auto group = std::make_unique<upstream::Upstream>();
    group->name = "cas";
    group->common = std::make_shared<upstream::Common>(metrics.upstream("cas"));
    for (const char* host : {"10.0.0.11", "10.0.0.12"}) {
      add(*group, host, 443);
    }
    add(*group, "10.0.0.12", 8443);
    first = group->peers.front().server;
    state.upstreams["cas"] = std::move(group);
  }
  void add(upstream::Upstream& group, const std::string& host, std::uint16_t port) {
    const std::string name = "https://" + host + ":" + std::to_string(port);
    group.peers.emplace_back().server = std::make_shared<upstream::Server>(
        upstream::Address{name, host, port}, metrics.upstream_server("cas", name));
  }
  Page change(const std::string& action, const std::string& query) {
    return change_upstream(state, "/upstreams/" + action, query, log).value();
  }

  metrics::Metrics metrics{{"test", "test"}};
  logs::Log log{{.level = logs::Level::error}};
  serving::ServingState state;
  std::shared_ptr<upstream::Server> first;
};

TEST_F(UpstreamPages, ChangeWhatIsWantedOfAServerHoweverItIsCalled) {
  for (const char* server :
       {"https://10.0.0.11:443", "10.0.0.11:443", "10.0.0.11", "https%3A%2F%2F10.0.0.11%3a443"}) {
    first->set_wanted(Wanted::enabled);
    const Page page = change("drain", std::string("?upstream=cas&server=") + server);
    EXPECT_EQ(page.status, 200U) << page.body;
    EXPECT_EQ(first->wanted(), Wanted::draining) << server;
    EXPECT_THAT(page.body, HasSubstr("\"before\": \"enabled\""));
  }
  change("disable", "?server=10.0.0.11&upstream=cas");
  EXPECT_EQ(first->wanted(), Wanted::disabled);
  change("enable", "?server=10.0.0.11&upstream=cas");
  EXPECT_EQ(first->wanted(), Wanted::enabled);
}

TEST_F(UpstreamPages, SayWhatThereIsInsteadOfWhatIsNot) {
  EXPECT_FALSE(change_upstream(state, "/upstreams", "", log));
  EXPECT_FALSE(change_upstream(state, "/upstreams/kill", "?upstream=cas&server=x", log));
  EXPECT_EQ(change("drain", "").status, 400U);
  EXPECT_EQ(change("drain", "?upstream=cas").status, 400U);
  EXPECT_THAT(change("drain", "?upstream=hq&server=x").body,
              HasSubstr("no upstream is called hq; there are: cas"));
  const Page nobody = change("drain", "?upstream=cas&server=10.0.0.1");
  EXPECT_EQ(nobody.status, 404U);
  EXPECT_THAT(nobody.body, HasSubstr("there are: https://10.0.0.11:443"));
  const Page several = change("drain", "?upstream=cas&server=10.0.0.12");
  EXPECT_EQ(several.status, 409U);
  EXPECT_EQ(first->wanted(), Wanted::enabled);
}

TEST_F(UpstreamPages, TellHowServersStandAndWhy) {
  first->note_check(
      {upstream::kWhole, false, metrics::CheckOutcome::status, "answered 503 to GET /", {}, {}});
  first->set_well(upstream::kWhole, false);
  const auto servers = servers_json(standing_of(*state.upstreams.at("cas")));
  const auto& server = servers[0];
  EXPECT_EQ(server["state"], "down");
  EXPECT_EQ(server["wanted"], "enabled");
  EXPECT_EQ(server["checks"][0]["detail"], "answered 503 to GET /");
  EXPECT_EQ(servers[1]["state"], "up");
  note_server_states(state);
  const auto shown = metrics::scrape(metrics);
  EXPECT_EQ(shown.at("chainmend_upstream_server_up{upstream=\"cas\",server=\"https://"
                     "10.0.0.11:443\"}"),
            0);
  EXPECT_EQ(shown.at("chainmend_upstream_check_up{upstream=\"cas\",server=\"https://"
                     "10.0.0.11:443\",scope=\"whole\"}"),
            0);
  EXPECT_EQ(shown.at("chainmend_upstream_server_up{upstream=\"cas\",server=\"https://"
                     "10.0.0.12:443\"}"),
            1);
}

}  // namespace
}  // namespace chainmend::server
