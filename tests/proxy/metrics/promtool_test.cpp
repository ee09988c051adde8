// What Prometheus' own checker says of a scrape in which every metric has a sample. Skipped without
// promtool.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "proxy/clients/client_hello.h"
#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;

void count_one_of_everything(Metrics& metrics) {
  ListenerMetrics& listener = metrics.listener("exchange");
  const Held connection = listener.connection();
  listener.rejected(RejectReason::max_connections);
  listener.cut(CutReason::idle);
  listener.noise(tls::NoiseKind::connect_close);
  listener.handshake(
      {.outcome = tls::Outcome::full, .alert = {}, .negotiated_version = clients::kTls12}, {}, 5ms);
  listener.handshake({.outcome = tls::Outcome::failed,
                      .reason = tls::Reason::client_unknown_ca,
                      .alert = tls::Alert{tls::AlertDirection::received, 48}},
                     {}, 5ms);
  listener.auth_failure({}, 403);
  metrics.route("exchange", "/ews").request(200, 1s);
  UpstreamServerMetrics& server = metrics.upstream_server("cas", "https://10.0.0.11:443");
  server.failure(UpstreamFailure::tls);
  server.state(ServerState::up);
  server.check_up(0, 1);
  server.checked(CheckOutcome::ok);
  server.connected(1ms);
  server.shook_hands(1ms);
  server.answered(1ms);
  metrics.upstream("cas").refused(Refusal::all_down);
  CertificateMatch match;
  match.upstream = "cas";
  match.server = "https://10.0.0.11:443";
  match.listener = "exchange";
  metrics.certificate_matches({match});
  listener.server_name(kNoName, tls::Outcome::full);
  const Held handshake = listener.handshake_begins();
  metrics.certificates({{"mail",
                         std::chrono::sys_seconds{1'795'000'000s},
                         {{"auto", true, 3, {"bundle"}}},
                         {{"mail.test", "Issuing CA", "RSA 2048"}}}});
  metrics.process().refreshed(LoadOutcome::success);
  metrics.process().config_loaded(std::chrono::system_clock::time_point{1'700'000'000s});
}

TEST(Promtool, FindsNothingWrongWithAScrape) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "promtool is not installed (package prometheus)";
  }
  Metrics metrics({"1.2.3", "OpenSSL 3.0"});
  count_one_of_everything(metrics);
  FILE* promtool = ::popen("promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = metrics.scrape();
  EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(::pclose(promtool), 0) << text;
}

}  // namespace
}  // namespace chainmend::metrics
