// Routes: which requests, what is done, what a preset stands for, and what `--explain` prints.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/values.h"
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string with_routes(const std::string& routes, const std::string& more = "") {
  return "listeners:\n  - name: web\n    listen: 0.0.0.0:80\n    tls: off\n" + more +
         "    routes:\n" + routes + "upstreams: { cas: { servers: \"http://a\" } }\n";
}

Config read(const std::string& yaml) {
  Result<Config> config = parse(yaml, "c.yaml");
  if (!config) {
    ADD_FAILURE() << testing::PrintToString(describe(config.error()));
    return {};
  }
  return *std::move(config);
}

const Route* find(const Config& config, std::string_view path) {
  const auto& routes = config.listeners.at(0).routes;
  const auto found = std::ranges::find(routes, path, &Route::path);
  return found == routes.end() ? nullptr : &*found;
}

TEST(Routes, ReadsWhatARouteMaySay) {
  const Config config = read(with_routes(R"(
      - path: /a
        host: [Mail.test, "*.Test"]
        method: [GET, RPC_IN_DATA]
        upstream: cas
        request_headers: { set: { X-A: "b c" }, remove: [X-B, X-C] }
        response_headers: { remove: Server }
        timeouts: { connect: 1s, handshake: 2s, idle: 3s, server_idle: 4s }
        max_body: 10MiB
        continue_after: 1s
      - { path: /b, redirect: https }
      - { path: /c, redirect: "http://Mail.test:81/x?y=1", status: 308 }
      - { path: /d, status: 403 }
)"));
  const auto& routes = config.listeners.at(0).routes;
  ASSERT_EQ(routes.size(), 4U);
  const Route& a = routes[0];
  EXPECT_THAT(a.hosts, ElementsAre("mail.test", "*.test"));
  EXPECT_THAT(a.methods, ElementsAre("GET", "RPC_IN_DATA"));
  EXPECT_EQ(a.text(), "GET,RPC_IN_DATA mail.test,*.test/a");
  EXPECT_THAT(a.request_headers.set, ElementsAre(Pair("X-A", "b c")));
  EXPECT_THAT(a.request_headers.remove, ElementsAre("X-B", "X-C"));
  EXPECT_THAT(a.response_headers.remove, ElementsAre("Server"));
  EXPECT_EQ(a.timeouts.connect, seconds(1));
  EXPECT_EQ(a.timeouts.handshake, seconds(2));
  EXPECT_EQ(a.timeouts.response, seconds(3));
  EXPECT_EQ(a.timeouts.client_idle, seconds(3));
  EXPECT_EQ(a.timeouts.server_idle, seconds(4));
  EXPECT_EQ(a.max_body, 10U << 20U);
  EXPECT_EQ(a.continue_after, seconds(1));
  EXPECT_EQ(a.status, 0U);
  EXPECT_EQ(routes[1].status, 302U);
  EXPECT_EQ(routes[1].redirect->scheme, "https");
  EXPECT_EQ(routes[1].redirect->host, "");
  EXPECT_EQ(routes[1].max_body, kNoLimit);
  EXPECT_EQ(routes[2].redirect->scheme, "http");
  EXPECT_EQ(routes[2].redirect->host, "mail.test:81");
  EXPECT_EQ(routes[2].redirect->path, "/x?y=1");
  EXPECT_EQ(routes[2].status, 308U);
  EXPECT_FALSE(routes[3].redirect);
  EXPECT_EQ(routes[3].status, 403U);
}

TEST(Routes, TakesFromTheListenerWhatARouteLeavesOut) {
  const Config config = read(with_routes("      - { upstream: cas, timeouts: { response: 5s } }\n",
                                         "    timeouts: { idle: 9s, client_idle: 7s }\n"));
  const RouteTimeouts& timeouts = config.listeners.at(0).routes.at(0).timeouts;
  EXPECT_EQ(timeouts.response, seconds(5));
  EXPECT_EQ(timeouts.client_idle, seconds(7));
  EXPECT_EQ(timeouts.server_idle, seconds(9));
  EXPECT_EQ(timeouts.connect, std::nullopt);
}

// The figures are the issue's: what Exchange's protocols need to live.
TEST(Routes, ExpandsThePresetForExchange) {
  const Config config =
      read(with_routes("      - { preset: exchange, upstream: cas, host: m.test }\n"));
  const struct {
    const char* path;
    minutes server, client;
    std::uint64_t max_body;
  } expected[] = {
      {"/Microsoft-Server-ActiveSync", minutes(65), minutes(2), kNoLimit},
      {"/ews", minutes(35), minutes(2), kNoLimit},
      {"/mapi", minutes(7), minutes(2), std::uint64_t{2} << 30U},
      {"/rpc", minutes(20), minutes(20), kNoLimit},
      {"/owa", minutes(2), minutes(2), std::uint64_t{2} << 30U},
      {"/", minutes(2), minutes(2), std::uint64_t{2} << 30U},
  };
  for (const auto& one : expected) {
    SCOPED_TRACE(one.path);
    const Route* route = find(config, one.path);
    ASSERT_NE(route, nullptr);
    EXPECT_EQ(route->upstream, "cas");
    EXPECT_THAT(route->hosts, ElementsAre("m.test"));
    EXPECT_EQ(route->timeouts.response, one.server);
    EXPECT_EQ(route->timeouts.server_idle, one.server);
    EXPECT_EQ(route->timeouts.client_idle, one.client);
    EXPECT_EQ(route->max_body, one.max_body);
  }
}

// The route that a listener takes for a path: the longest prefix, compared without regard to case.
const Route* route_for(const Config& config, std::string_view path) {
  const Route* best = nullptr;
  for (const Route& route : config.listeners.at(0).routes) {
    const bool fits = lower(path).starts_with(lower(route.path));
    if (fits && (best == nullptr || route.path.size() > best->path.size())) {
      best = &route;
    }
  }
  return best;
}

// The README's first configuration, as printed: what a drop-in must carry without being told.
TEST(Routes, OfTheReadmesFirstFileLetLongPollsLive) {
  const std::filesystem::path readme = std::filesystem::path(CHAINMEND_SOURCE_DIR) / "README.md";
  std::ifstream file(readme);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto start = text.find("```yaml\n") + 8;  // the first of its configurations
  const Config config = read(text.substr(start, text.find("```", start) - start));
  const struct {
    const char* path;
    minutes answer, body;  // how long it must be able to wait
  } polls[] = {
      {"/Microsoft-Server-ActiveSync/default.eas", minutes(60), minutes(1)},
      {"/EWS/Exchange.asmx", minutes(31), minutes(1)},
      {"/mapi/emsmdb", minutes(6), minutes(1)},
      {"/rpc/rpcproxy.dll", minutes(15), minutes(15)},
      {"/GetEvents", minutes(60), minutes(1)},  // Mitel
      {"/", minutes(60), minutes(1)},
  };
  for (const auto& poll : polls) {
    const Route* route = route_for(config, poll.path);
    ASSERT_NE(route, nullptr) << poll.path;
    EXPECT_EQ(route->upstream, "server");
    EXPECT_GE(route->timeouts.response, poll.answer) << poll.path;
    EXPECT_GE(route->timeouts.server_idle, poll.answer) << poll.path;
    EXPECT_GE(route->timeouts.client_idle, poll.body) << poll.path;
  }
  EXPECT_LE(route_for(config, "/owa/")->timeouts.response, minutes(5)) << "pages are no polls";
}

TEST(Routes, OfUpstreamAloneKeepTheTimesThatWereGiven) {
  const Config config = read(
      "listeners:\n  - { name: web, listen: 0.0.0.0:80, tls: off, upstream: cas, timeouts: { "
      "response: 5s } }\nupstreams: { cas: { servers: \"http://a\" } }\n");
  ASSERT_EQ(config.listeners[0].routes.size(), 1U);
  EXPECT_EQ(config.listeners[0].routes[0].timeouts.response, seconds(5));
}

TEST(Routes, ExpandsThePresetForMitelConnect) {
  const Config config = read(with_routes("      - { preset: mitel_connect, upstream: cas }\n"));
  EXPECT_GE(route_for(config, "/GetEvents")->timeouts.response, minutes(60));
  EXPECT_EQ(route_for(config, "/shoreauth/certauth")->timeouts.response, minutes(2));
}

TEST(Routes, NameTheProxyInViaWhereItDoesNoHarm) {
  const auto via = [](const std::string& routes, const std::string& more, const char* path) {
    return route_for(read(with_routes(routes, more)), path)->via;
  };
  const std::string exchange = "      - { preset: exchange, upstream: cas }\n";
  const std::string plain = "      - { upstream: cas }\n";
  EXPECT_EQ(via(plain, "", "/"), Via::automatic);
  EXPECT_EQ(via(plain, "    via: off\n", "/"), Via::off);
  EXPECT_EQ(via(exchange, "", "/ews"), Via::off);
  EXPECT_EQ(via(exchange, "    via: on\n", "/ews"), Via::on);
  EXPECT_EQ(via("      - { upstream: cas, via: on }\n", "    via: off\n", "/"), Via::on);
  EXPECT_EQ(via("      - { preset: exchange, upstream: cas, via: on }\n", "", "/ews"), Via::on);
}

TEST(Routes, LetsAnOwnRouteTakeThePlaceOfAPresets) {
  const Config config = read(with_routes(
      "      - { preset: exchange, upstream: cas }\n      - { path: /EWS, status: 403 }\n"));
  EXPECT_EQ(find(config, "/ews"), nullptr);
  EXPECT_EQ(find(config, "/EWS")->status, 403U);
  EXPECT_NE(find(config, "/rpc"), nullptr);
}

TEST(Routes, AllowsOnePathForSeveralHostsAndMethods) {
  read(with_routes(R"(
      - { upstream: cas }
      - { host: a.test, upstream: cas }
      - { host: b.test, upstream: cas }
      - { method: POST, status: 405 }
)"));
}

TEST(Routes, ExplainsItselfAsAConfigurationThatMeansTheSame) {
  const std::string more =
      "    trusted_sources: [10.0.0.0/8, \"2001:db8::/32\"]\n    proxy_protocol: on\n";
  const Config config = read(with_routes(R"(
      - { preset: exchange, upstream: cas }
      - { path: "/it's", host: "*.test", method: GET, redirect: "https://x.test/" }
      - { path: /h, upstream: cas, request_headers: { set: { X-A: "it's: #1" }, remove: X-B } }
)",
                                         more));
  const std::string text = explain(config);
  EXPECT_THAT(text, HasSubstr("path: '/Microsoft-Server-ActiveSync'\n"));
  EXPECT_THAT(text, HasSubstr("server_idle: 65m"));
  Config again = read(text);
  ASSERT_EQ(again.listeners.size(), 1U);
  EXPECT_EQ(explain(again), text);
  EXPECT_EQ(again.listeners[0].routes.size(), config.listeners[0].routes.size());
  EXPECT_EQ(again.listeners[0].trusted_sources, config.listeners[0].trusted_sources);
}

class RouteErrors : public testing::TestWithParam<MessageCase> {};

TEST_P(RouteErrors, SayWhatIsWrong) {
  EXPECT_EQ(errors_of(with_routes("      - " + GetParam().yaml + "\n")), GetParam().messages);
}

INSTANTIATE_TEST_SUITE_P(
    All, RouteErrors,
    testing::Values(
        MessageCase{"NothingToDo",
                    "{ path: /a }\n      - { upstream: cas }",
                    {"c.yaml:6:9: a route needs \"upstream\", \"redirect\" or \"status\""}},
        MessageCase{"TooMuchToDo",
                    "{ upstream: cas, redirect: https }",
                    {"c.yaml:6:9: a route has one of \"upstream\", \"redirect\" and \"status\""}},
        MessageCase{"StatusBesideUpstream",
                    "{ upstream: cas, status: 200 }",
                    {"c.yaml:6:9: \"status\" has no use beside \"upstream\""}},
        MessageCase{"NoRedirect",
                    "{ redirect: https, status: 200 }\n      - { path: /b, upstream: cas }",
                    {"c.yaml:6:9: the status of a redirect is 301, 302, 303, 307 or 308"}},
        MessageCase{"RedirectWithout",
                    "{ status: 302 }\n      - { path: /b, upstream: cas }",
                    {"c.yaml:6:9: the status of an answer is 200 or from 400 to 599"}},
        MessageCase{"RedirectToNowhere",
                    "{ redirect: mail.test }\n      - { path: /b, upstream: cas }",
                    {"c.yaml:6:21: \"redirect\": expected https or a URL such as "
                     "https://mail.contoso.com/owa/, found \"mail.test\""}},
        MessageCase{"HostWithPort",
                    "{ host: \"a:1\", upstream: cas }",
                    {"c.yaml:6:17: \"host\": expected a host name or *.domain, without port, found "
                     "\"a:1\""}},
        MessageCase{"HeaderInjection",
                    "{ upstream: cas, request_headers: { set: { X: \"a\\nb\" } } }",
                    {"c.yaml:6:55: \"X\": a header field has no line break, control byte or blank "
                     "at its ends"}},
        MessageCase{"FramingHeader",
                    "{ upstream: cas, request_headers: { remove: Content-Length } }",
                    {"c.yaml:6:53: \"remove\": \"Content-Length\" belongs to the connection and "
                     "cannot be changed"}},
        MessageCase{"PresetWithTimeouts",
                    "{ preset: exchange, upstream: cas, timeouts: { idle: 1s } }",
                    {"c.yaml:6:9: \"timeouts\" does not go with \"preset\"; give the paths that "
                     "shall differ a route of their own"}},
        MessageCase{
            "PresetUnknown",
            "{ preset: lync, upstream: cas }",
            {"c.yaml:6:19: \"preset\": expected exchange or mitel_connect, found \"lync\""}},
        MessageCase{"Twice",
                    "{ path: /a, host: x, upstream: cas }\n"
                    "      - { path: /A, host: [y, X], upstream: cas }",
                    {"c.yaml:7:9: path \"/A\" has a route already, on line 6"}}),
    name_of);

TEST(ListenerErrors, WantTrustWithTheProxyProtocol) {
  EXPECT_THAT(errors_of(with_routes("      - { upstream: cas }\n", "    proxy_protocol: on\n")),
              ElementsAre("c.yaml:2:5: \"proxy_protocol\" needs \"trusted_sources\": anyone could "
                          "claim to be anyone"));
}

TEST(ListenerErrors, KnowNoRequestsInModeTcp) {
  EXPECT_THAT(
      errors_of(with_routes("      - { status: 200 }\n      - { path: /a, upstream: cas }\n",
                            "    mode: tcp\n")),
      ElementsAre("c.yaml:7:9: mode tcp knows no requests, only one \"upstream\"",
                  "c.yaml:8:9: mode tcp knows no paths; leave out \"path\""));
}

}  // namespace
}  // namespace chainmend::config
