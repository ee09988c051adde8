// What is counted beside handshakes: connections, requests, servers, certificates, reloads.
#include <gmock/gmock.h>

#include "tests/proxy/metrics/metrics_fixture.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

TEST_F(MetricsTest, CountsConnections) {
  {
    const Held connection = phones_.connection();
    EXPECT_EQ(value("connections", R"(listener="phones")"), 1);
  }
  phones_.rejected(RejectReason::max_connections);
  EXPECT_EQ(value("connections", R"(listener="phones")"), 0);
  EXPECT_EQ(value("connections_total", R"(listener="phones")"), 1);
  EXPECT_EQ(value("connections_rejected_total", R"(listener="phones",reason="max_connections")"),
            1);
  phones_.cut(CutReason::request_rate);
  EXPECT_EQ(value("connections_cut_total", R"(listener="phones",reason="request_rate")"), 1);
  EXPECT_EQ(value("connections_cut_total", R"(listener="phones",reason="idle")"), 0);
}

TEST_F(MetricsTest, CountsOnly401And403AsAuthFailures) {
  for (const int status : {200, 401, 403, 403, 404, 500}) {
    phones_.auth_failure({}, status);
  }
  EXPECT_EQ(of_phones("http_auth_failures_total", R"(code="401")"), 1);
  EXPECT_EQ(of_phones("http_auth_failures_total", R"(code="403")"), 2);
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("404")));
}

TEST_F(MetricsTest, CountsRequestsByRouteAndClassOfCode) {
  RouteMetrics& ews = metrics_.route("phones", "/ews");
  for (const int status : {100, 200, 204, 302, 404, 599, 600, 42, -1}) {
    ews.request(status, 10ms);
  }
  const std::string route = R"(listener="phones",route="/ews")";
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="1xx")"), 1);
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="2xx")"), 2);
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="3xx")"), 1);
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="4xx")"), 1);
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="5xx")"), 1);
  EXPECT_EQ(value("http_requests_total", route + R"(,code_class="other")"), 3);
  EXPECT_EQ(value("http_request_duration_seconds_count", route), 9);
}

TEST_F(MetricsTest, CountsWhatBecomesOfUpstreamConnections) {
  UpstreamServerMetrics& server = metrics_.upstream_server("cas", "https://10.0.0.11:443");
  const std::string labels = R"(upstream="cas",server="https://10.0.0.11:443",)";
  Held held = server.connection(UpstreamState::active);
  server.failure(UpstreamFailure::protocol);
  EXPECT_EQ(value("upstream_connections", labels + R"(state="active")"), 1);
  EXPECT_EQ(value("upstream_failures_total", labels + R"(reason="protocol")"), 1);
  EXPECT_EQ(value("upstream_failures_total", labels + R"(reason="connect")"), 0);
  held = server.connection(UpstreamState::idle);
  EXPECT_EQ(value("upstream_connections", labels + R"(state="active")"), 0);
  EXPECT_EQ(value("upstream_connections", labels + R"(state="idle")"), 1);
}

TEST_F(MetricsTest, ShowsHowServersStandOnceThatWasSaid) {
  UpstreamServerMetrics& server = metrics_.upstream_server("cas", "s");
  const std::string labels = R"(upstream="cas",server="s")";
  EXPECT_EQ(metrics_.scrape().find("upstream_server_up{"), std::string::npos);
  server.state(ServerState::draining);
  server.check_up(0, 1);
  server.check_up(4, 0);
  server.checked(CheckOutcome::status);
  EXPECT_EQ(value("upstream_server_up", labels), 0);
  EXPECT_EQ(value("upstream_server_state", labels + R"(,state="draining")"), 1);
  EXPECT_EQ(value("upstream_server_state", labels + R"(,state="up")"), 0);
  EXPECT_EQ(value("upstream_check_up", labels + R"(,scope="whole")"), 1);
  EXPECT_EQ(value("upstream_check_up", labels + R"(,scope="ews")"), 0);
  EXPECT_EQ(value("upstream_checks_total", labels + R"(,outcome="status")"), 1);
  server.state(ServerState::up);
  EXPECT_EQ(value("upstream_server_up", labels), 1);
  server.forget_state();
  EXPECT_EQ(metrics_.scrape().find("upstream_server_up{"), std::string::npos);
  EXPECT_EQ(metrics_.scrape().find("upstream_check_up{"), std::string::npos);
}

TEST_F(MetricsTest, CountsWhoWaitsAndWhoIsTurnedAway) {
  UpstreamMetrics& cas = metrics_.upstream("cas");
  {
    const Held waits = cas.waits();
    EXPECT_EQ(value("upstream_waiting", R"(upstream="cas")"), 1);
  }
  cas.refused(Refusal::queue_full);
  EXPECT_EQ(value("upstream_waiting", R"(upstream="cas")"), 0);
  EXPECT_EQ(value("upstream_refused_total", R"(upstream="cas",reason="queue_full")"), 1);
  EXPECT_EQ(value("upstream_refused_total", R"(upstream="cas",reason="all_down")"), 0);
}

TEST_F(MetricsTest, ReplacesCertificatesAsASet) {
  const std::chrono::sys_seconds expiry{1'795'000'000s};
  metrics_.certificates(
      {{"mail",
        expiry,
        {{"auto", true, 3, {"bundle", "aia"}}, {"phones", false, 1, {}}},
        {{"mail.test", "Issuing CA", "RSA 2048"}, {"mail.test", "Issuing CA", "EC P-256"}}},
       {"old", expiry, {}, {}}});
  EXPECT_EQ(value("certificate_not_after_timestamp_seconds", R"(cert="mail")"), 1'795'000'000);
  EXPECT_EQ(value("certificate_chain_complete", R"(cert="mail",chain="auto")"), 1);
  EXPECT_EQ(value("certificate_chain_complete", R"(cert="mail",chain="phones")"), 0);
  EXPECT_EQ(value("certificate_chain_length", R"(cert="mail",chain="auto")"), 3);
  EXPECT_EQ(value("certificate_chain_source", R"(cert="mail",chain="auto",source="bundle")"), 1);
  EXPECT_EQ(value("certificate_chain_source", R"(cert="mail",chain="auto",source="aia")"), 1);
  EXPECT_EQ(value("certificate_chain_source", R"(cert="mail",chain="auto",source="file")"), -1);
  const std::string leaf = R"(cert="mail",subject_cn="mail.test",issuer_cn="Issuing CA",)";
  EXPECT_EQ(value("certificate_info", leaf + R"(key_type="RSA 2048")"), 1);
  EXPECT_EQ(value("certificate_info", leaf + R"(key_type="EC P-256")"), 1);
  metrics_.certificates({{"mail", expiry, {}, {}}});
  EXPECT_THAT(metrics_.scrape(), HasSubstr("\"mail\""));
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("\"old\"")));
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("chain_complete")));
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("certificate_info")));
}

TEST_F(MetricsTest, TellsReloadsFromTheFirstLoad) {
  const std::chrono::system_clock::time_point start{1'700'000'000'500ms};
  EXPECT_EQ(value("config_last_reload_successful"), 0);
  metrics_.process().config_loaded(start);
  EXPECT_EQ(value("config_last_reload_successful"), 1);
  EXPECT_EQ(value("config_reloads_total", R"(outcome="success")"), 0);
  metrics_.process().reload_failed();
  EXPECT_EQ(value("config_last_reload_successful"), 0);
  EXPECT_EQ(value("config_last_reload_success_timestamp_seconds"), 1'700'000'000.5);
  EXPECT_EQ(value("config_reloads_total", R"(outcome="failure")"), 1);
  metrics_.process().reload_succeeded(start + 10s);
  EXPECT_EQ(value("config_last_reload_successful"), 1);
  EXPECT_EQ(value("config_last_reload_success_timestamp_seconds"), 1'700'000'010.5);
  EXPECT_EQ(value("config_reloads_total", R"(outcome="success")"), 1);
}

TEST_F(MetricsTest, KeepsRefreshesApartFromReloads) {
  metrics_.process().config_loaded(std::chrono::system_clock::time_point{1'700'000'000s});
  EXPECT_EQ(value("config_last_refresh_successful"), 1);
  metrics_.process().reload_failed();
  metrics_.process().refreshed(LoadOutcome::success);
  EXPECT_EQ(value("config_last_reload_successful"), 0);
  EXPECT_EQ(value("config_refreshes_total", R"(outcome="success")"), 1);
  metrics_.process().refreshed(LoadOutcome::failure);
  EXPECT_EQ(value("config_last_refresh_successful"), 0);
  EXPECT_EQ(value("config_refreshes_total", R"(outcome="failure")"), 1);
  EXPECT_EQ(value("config_reloads_total", R"(outcome="failure")"), 1);
}

TEST_F(MetricsTest, ShowsTheChainOfAnUpstreamWhileItIsHeldAndKnown) {
  const auto shown = [&] { return value("upstream_chain_complete", R"(upstream="cas")"); };
  auto first = metrics_.upstream_chain("cas");
  EXPECT_EQ(shown(), -1);
  first->complete(false);
  EXPECT_EQ(shown(), 0);
  auto second = metrics_.upstream_chain("cas");  // of the next snapshot: it knows what was known
  first.reset();
  EXPECT_EQ(shown(), 0);
  second.reset();
  EXPECT_EQ(shown(), -1);
}

TEST_F(MetricsTest, CountsAiaFetchesAndDroppedLines) {
  metrics_.process().aia_fetch(AiaOutcome::ok);
  metrics_.process().aia_fetch(AiaOutcome::invalid);
  metrics_.process().log_dropped(LogName::handshakes, 7);
  EXPECT_EQ(value("aia_fetches_total", R"(outcome="ok")"), 1);
  EXPECT_EQ(value("aia_fetches_total", R"(outcome="invalid")"), 1);
  EXPECT_EQ(value("aia_fetches_total", R"(outcome="timeout")"), 0);
  EXPECT_EQ(value("log_dropped_total", R"(log="handshakes")"), 7);
  EXPECT_EQ(value("log_dropped_total", R"(log="human")"), 0);
}

TEST_F(MetricsTest, EscapesNamesThatTheOperatorChose) {
  EXPECT_EQ(value("connections_total", R"(listener="a\"b\\c\nd")"), -1);
  metrics_.listener("a\"b\\c\nd");
  EXPECT_EQ(value("connections_total", R"(listener="a\"b\\c\nd")"), 0);
}

}  // namespace
}  // namespace chainmend::metrics
