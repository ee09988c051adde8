// What an upstream may say of balance, persistence and health, and what is said when it is wrong.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string with(const std::string& keys) {
  return "upstreams:\n  cas: { servers: [\"http://a\", \"http://b\"], " + keys +
         " }\nlisteners: { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas }\n";
}

Upstream read_upstream(const std::string& keys) {
  const Result<Config> config = parse(with(keys), "c.yaml");
  EXPECT_TRUE(config) << describe(config.error()).front();
  return config ? config->upstreams.front() : Upstream();
}

TEST(UpstreamKeys, AreLeftAsTheyWereWithoutAWord) {
  const Upstream plain = read_upstream("proxy_protocol: off");
  EXPECT_EQ(plain.balance, Balance{});
  EXPECT_EQ(plain.balance.method, BalanceMethod::round_robin);
  EXPECT_EQ(plain.balance.per, BalancePer::connection);
  EXPECT_FALSE(plain.persistence);
  EXPECT_FALSE(plain.health);
  EXPECT_FALSE(plain.eject);
  EXPECT_EQ(plain.all_down, AllDown::refuse);
  EXPECT_EQ(plain.servers[0].weight, 1U);
  EXPECT_EQ(plain.servers[0].max_connections, 0U);
}

TEST(UpstreamKeys, GiveServersWeightPriorityAndALimit) {
  const Result<Config> config = parse(
      "upstreams:\n  cas:\n    servers:\n      - https://a\n"
      "      - { url: \"https://b:8443\", weight: 3, priority: 2, max_connections: 10 }\n"
      "listeners: { name: a, listen: 0.0.0.0:1, tls: off, upstream: cas }\n",
      "c.yaml");
  ASSERT_TRUE(config);
  const Server& server = config->upstreams[0].servers[1];
  EXPECT_EQ(server.text(), "https://b:8443");
  EXPECT_EQ(server.at.line, 5);
  EXPECT_EQ(server.weight, 3U);
  EXPECT_EQ(server.priority, 2U);
  EXPECT_EQ(server.max_connections, 10U);
  EXPECT_EQ(config->upstreams[0].servers[0].weight, 1U);
}

TEST(UpstreamKeys, SayHowTheSharesAre) {
  const Upstream got = read_upstream(
      "balance: { method: least_connections, per: request, min_in_priority: 2, slow_start: 30s }, "
      "queue: { length: 0, timeout: 1s }, all_down: least_bad, "
      "eject: { failures: 3, base: 1s, longest: 8s, at_most: 34% }");
  EXPECT_EQ(got.balance, (Balance{BalanceMethod::least_connections, BalancePer::request, 2,
                                  milliseconds(30'000)}));
  EXPECT_EQ(got.queue, (Queue{0, seconds(1)}));
  EXPECT_EQ(got.all_down, AllDown::least_bad);
  EXPECT_EQ(got.eject, (Eject{3, seconds(1), seconds(8), 34}));
  EXPECT_EQ(read_upstream("eject: {}").eject, Eject{});
  EXPECT_FALSE(read_upstream("eject: off").eject);
}

TEST(UpstreamKeys, SayWhoComesBackWhere) {
  const Upstream cookie = read_upstream("persistence: { by: cookie, name: where, max_age: 1h }");
  ASSERT_TRUE(cookie.persistence);
  EXPECT_EQ(cookie.persistence->name, "where");
  EXPECT_EQ(cookie.persistence->max_age, minutes(60));
  const Upstream source = read_upstream("persistence: { by: source }");
  ASSERT_TRUE(source.persistence);
  EXPECT_EQ(source.persistence->by, PersistBy::source);
  EXPECT_EQ(source.persistence->timeout, minutes(45));
}

TEST(UpstreamKeys, SayWhatIsAskedOfAServer) {
  const Upstream got = read_upstream(
      "health: { path: /up, host: \"h:8080\", method: HEAD, expect: { status: [200, 3xx, 404-410], "
      "header: \"X-State: up\", body: ready }, interval: 1s, timeout: 500ms, rise: 1, fall: 5, "
      "jitter: 0% }");
  ASSERT_TRUE(got.health);
  EXPECT_EQ(got.health->type, HealthType::http);
  EXPECT_EQ(got.health->path, "/up");
  EXPECT_EQ(got.health->host, "h:8080");
  const std::vector<std::pair<unsigned, unsigned>> status{{200, 200}, {300, 399}, {404, 410}};
  EXPECT_EQ(got.health->expect.status, status);
  EXPECT_EQ(got.health->expect.header_name, "X-State");
  EXPECT_EQ(got.health->expect.header_value, "up");
  EXPECT_EQ(got.health->jitter, 0U);
  EXPECT_TRUE(got.health->directories.empty());
}

TEST(UpstreamKeys, ThePresetAsksEachDirectoryOfExchange) {
  const Upstream all = read_upstream("health: { preset: exchange }");
  ASSERT_TRUE(all.health);
  EXPECT_EQ(all.health->directories.size(), enums::count<ExchangeDirectory>());
  const std::vector<std::pair<unsigned, unsigned>> only_200{{200, 200}};
  EXPECT_EQ(all.health->expect.status, only_200);
  const Upstream some = read_upstream("health: { preset: exchange, directories: [ews, owa] }");
  EXPECT_EQ(some.health->directories,
            (std::vector{ExchangeDirectory::ews, ExchangeDirectory::owa}));
}

class UpstreamKeyErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(UpstreamKeyErrors, SayWhatIsWrong) {
  EXPECT_EQ(errors_of(with(GetParam().yaml)), GetParam().messages);
}

// Columns: behind "  cas: { servers: ["http://a", "http://b"], ".
INSTANTIATE_TEST_SUITE_P(
    Keys, UpstreamKeyErrors,
    testing::Values(
        MessageCase{"Method",
                    "balance: { method: least_conn }",
                    {"c.yaml:2:64: \"method\": expected one of round_robin, least_connections, "
                     "source, found \"least_conn\"; did you mean \"least_connections\"?"}},
        MessageCase{"BalanceWord",
                    "balance: source",
                    {"c.yaml:2:54: \"balance\": expected balance as a map of \"key: value\", found "
                     "\"source\""}},
        MessageCase{"WeightOfNothing",
                    "all_down: maybe",
                    {"c.yaml:2:55: \"all_down\": expected one of refuse, least_bad, found "
                     "\"maybe\""}},
        MessageCase{"Percent",
                    "eject: { at_most: 50 }",
                    {"c.yaml:2:63: \"at_most\": expected a percentage from 1% to 100%, found "
                     "\"50\""}},
        MessageCase{"LongestShorterThanBase",
                    "eject: { base: 10s, longest: 5s }",
                    {"c.yaml:2:52: \"longest\" is shorter than \"base\""}},
        MessageCase{
            "PersistenceWithoutBy", "persistence: {}", {"c.yaml:2:58: persistence needs \"by\""}},
        MessageCase{"CookieNameOfSource",
                    "persistence: { by: source, name: x }",
                    {"c.yaml:2:58: \"name\" is of \"by: cookie\": leave it out, or change \"by\""}},
        MessageCase{"TimeoutOfCookie",
                    "persistence: { by: cookie, timeout: 1m }",
                    {"c.yaml:2:58: \"timeout\" is of \"by: source\" and does not go with \"name\" "
                     "or \"key_file\": leave it out, or change \"by\""}},
        MessageCase{"CookieName",
                    "persistence: { by: cookie, name: \"a b\" }",
                    {"c.yaml:2:78: \"name\": expected the name of a cookie, such as server, found "
                     "\"a b\""}},
        MessageCase{"PathOfTcp",
                    "health: { type: tcp, path: /x }",
                    {"c.yaml:2:53: \"path\" is of the types http and https: leave it out, or set "
                     "\"type\""}},
        MessageCase{"SendOfHttp",
                    "health: { send: x }",
                    {"c.yaml:2:53: \"send\" is of the types tcp and tls and does not go with "
                     "\"path\": set \"type\", or leave it out"}},
        MessageCase{"StatusOfTcp",
                    "health: { type: tcp, expect: { status: 200 } }",
                    {"c.yaml:2:53: of what tcp and tls answer, only \"body\" can be expected"}},
        MessageCase{"Status",
                    "health: { expect: { status: [2x, 99, 300-200] } }",
                    {"c.yaml:2:74: \"status\": expected a status such as 200, 2xx or 200-299, "
                     "found \"2x\"",
                     "c.yaml:2:78: \"status\": expected a status such as 200, 2xx or 200-299, "
                     "found \"99\"",
                     "c.yaml:2:82: \"status\": expected a status such as 200, 2xx or 200-299, "
                     "found \"300-200\""}},
        MessageCase{"Header",
                    "health: { expect: { header: up } }",
                    {"c.yaml:2:73: \"header\": expected a field such as \"X-Health: ready\", found "
                     "\"up\""}},
        MessageCase{"TimeoutOverInterval",
                    "health: { interval: 1s }",
                    {"c.yaml:2:53: \"timeout\" is longer than \"interval\""}},
        MessageCase{"PresetAndPath",
                    "health: { preset: exchange, path: /x }",
                    {"c.yaml:2:63: \"path\" does not go with \"preset\""}},
        MessageCase{"DirectoriesWithoutPreset",
                    "health: { directories: ews }",
                    {"c.yaml:2:53: \"directories\" is of \"preset: exchange\" and does not go with "
                     "\"path\": set \"preset\", or leave it out"}},
        MessageCase{"TlsOfPlainServers",
                    "health: { type: https }",
                    {"c.yaml:2:20: \"health\" wants TLS of type https, but http://a:80 is not "
                     "https://; type http suits both"}},
        MessageCase{"Ttl",
                    "dns: { min_ttl: 10s, max_ttl: 5s }",
                    {"c.yaml:2:50: \"max_ttl\" is shorter than \"min_ttl\""}}),
    name_of);

TEST(UpstreamKeyErrors, SayWhatAServerAsAMapNeeds) {
  EXPECT_THAT(errors_of("upstreams: { cas: { servers: [ { weight: 2 } ] } }"),
              testing::Contains("c.yaml:1:32: a server needs \"url\""));
  EXPECT_THAT(errors_of("upstreams: { cas: { servers: [ { url: \"http://a\", weight: 0 } ] } }"),
              testing::Contains("c.yaml:1:59: \"weight\": must be from 1 to 256"));
}

TEST(UpstreamKeyErrors, CountTheServers) {
  std::string servers;
  for (int i = 0; i < 129; ++i) {
    servers += "\"http://s" + std::to_string(i) + "\", ";
  }
  EXPECT_THAT(errors_of("upstreams: { cas: { servers: [" + servers + "] } }"),
              testing::Contains(testing::HasSubstr("an upstream has at most 128 servers")));
}

}  // namespace
}  // namespace chainmend::config
