#include "proxy/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "proxy/clients/client_hello.h"
#include "tests/proxy/metrics/metrics_fixture.h"

namespace chainmend::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using tls::HandshakeOutcome;
using tls::Outcome;
using tls::Reason;

constexpr tls::Alert kUnknownCa{tls::AlertDirection::received, 48};

HandshakeOutcome completed(Outcome outcome, std::uint16_t version) {
  return {.outcome = outcome,
          .alert = {},
          .offered_max_version = version,
          .negotiated_version = version};
}

HandshakeOutcome failed(Reason reason, std::optional<tls::Alert> alert = {}) {
  return {.outcome = Outcome::failed,
          .reason = reason,
          .alert = alert,
          .offered_max_version = clients::kTls10};
}

TEST_F(MetricsTest, SaysWhatIsRunning) {
  EXPECT_EQ(value("build_info", R"(version="1.2.3",openssl="OpenSSL 3.0")"), 1);
}

TEST_F(MetricsTest, CountsACompletedHandshakeByOutcomeVersionsAndDuration) {
  phones_.handshake(completed(Outcome::full, clients::kTls12), {}, 30ms);
  phones_.handshake(completed(Outcome::resumed, clients::kTls12), {}, 2s);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="full")"), 1);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="resumed")"), 1);
  EXPECT_EQ(of_phones("tls_negotiated_total", R"(tls_version="tls1.2")"), 2);
  EXPECT_EQ(of_phones("tls_offered_max_version_total", R"(tls_version="tls1.2")"), 2);
  const std::string duration = "tls_handshake_duration_seconds";
  EXPECT_EQ(value(duration + "_bucket", R"(listener="phones",le="0.025")"), 0);
  EXPECT_EQ(value(duration + "_bucket", R"(listener="phones",le="0.05")"), 1);
  EXPECT_EQ(value(duration + "_bucket", R"(listener="phones",le="+Inf")"), 2);
  EXPECT_EQ(value(duration + "_count", R"(listener="phones")"), 2);
  EXPECT_DOUBLE_EQ(value(duration + "_sum", R"(listener="phones")"), 2.03);
}

TEST_F(MetricsTest, CountsAFailureByReasonAlertAndOfferedVersionButNotItsDuration) {
  phones_.handshake(failed(Reason::client_unknown_ca, kUnknownCa), {}, 20s);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="failed")"), 1);
  EXPECT_EQ(of_phones("tls_handshake_failures_total", R"(reason="client_unknown_ca")"), 1);
  EXPECT_EQ(of_phones("tls_offered_max_version_total", R"(tls_version="tls1.0")"), 1);
  EXPECT_EQ(
      value("tls_alerts_total", R"(listener="phones",direction="received",alert="unknown_ca")"), 1);
  EXPECT_EQ(value("tls_handshake_duration_seconds_count", R"(listener="phones")"), 0);
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("tls_negotiated_total")));
}

TEST_F(MetricsTest, CountsHandshakesInProgressUntilTheyEnd) {
  {
    const Held one = phones_.handshake_begins();
    EXPECT_EQ(value("tls_handshakes_in_progress", R"(listener="phones")"), 1);
  }
  EXPECT_EQ(value("tls_handshakes_in_progress", R"(listener="phones")"), 0);
}

TEST_F(MetricsTest, CountsWhatCameOfTheWishForClientCertificates) {
  tls::HandshakeOutcome outcome = completed(Outcome::full, clients::kTls12);
  phones_.handshake(outcome, {}, 1ms);
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("client_certificate_total")));
  for (const auto seen : {tls::ClientCertificate::none, tls::ClientCertificate::rejected}) {
    outcome.client_certificate = seen;
    phones_.handshake(outcome, {}, 1ms);
  }
  const std::string name = "client_certificate_total";
  const std::string on = R"(listener="phones",client_type="other",outcome=)";
  EXPECT_EQ(value(name, on + R"("none")"), 1);
  EXPECT_EQ(value(name, on + R"("accepted")"), -1);
  EXPECT_EQ(value(name, on + R"("rejected")"), 1);
}

TEST_F(MetricsTest, CountsHandshakesByServedNameAndOutcome) {
  const ServerNameLabel mail = metrics_.server_name(phones_, "mail.contoso.test");
  EXPECT_EQ(metrics_.server_name(phones_, "mail.contoso.test").index, mail.index);
  phones_.server_name(mail, Outcome::full);
  phones_.server_name(mail, Outcome::failed);
  phones_.server_name(kOtherName, Outcome::failed);
  phones_.server_name(kNoName, Outcome::resumed);
  const std::string name = "tls_server_name_total";
  const std::string on = R"(listener="phones",server_name=)";
  EXPECT_EQ(value(name, on + R"("mail.contoso.test",outcome="full")"), 1);
  EXPECT_EQ(value(name, on + R"("mail.contoso.test",outcome="failed")"), 1);
  EXPECT_EQ(value(name, on + R"("mail.contoso.test",outcome="resumed")"), -1);
  EXPECT_EQ(value(name, on + R"("other",outcome="failed")"), 1);
  EXPECT_EQ(value(name, on + R"("none",outcome="resumed")"), 1);
}

TEST_F(MetricsTest, CallsServedNamesBeyondTheLimitOther) {
  std::size_t named = 0;
  for (std::size_t i = 0; i < kMaxServerNames + 5; ++i) {
    const auto label = metrics_.server_name(phones_, "host" + std::to_string(i));
    named += label.index != kOtherName.index ? 1 : 0;
  }
  EXPECT_EQ(named, kMaxServerNames);
  EXPECT_NE(metrics_.server_name(metrics_.listener("others"), "new").index, kOtherName.index);
}

TEST_F(MetricsTest, KeepsCompletedUnusedApartFromSuccessAndFailure) {
  phones_.handshake(completed(Outcome::completed_unused, clients::kTls10), {}, 1ms);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="completed_unused")"), 1);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="full")"), 0);
  EXPECT_EQ(of_phones("tls_handshakes_total", R"(outcome="failed")"), 0);
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("tls_handshake_failures_total")));
}

TEST_F(MetricsTest, ShowsAllOutcomesOfATypeOnceItWasSeen) {
  const ClientType phone = ClientType::named("lync_phone_edition");
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("lync_phone_edition")));
  phones_.handshake(failed(Reason::timeout), phone, 1s);
  EXPECT_EQ(value("tls_handshakes_total",
                  R"(listener="phones",client_type="lync_phone_edition",outcome="full")"),
            0);
}

TEST_F(MetricsTest, HasALabelForEveryReason) {
  constexpr int kReasons = static_cast<int>(Reason::internal);
  for (int reason = 1; reason <= kReasons; ++reason) {
    phones_.handshake(failed(static_cast<Reason>(reason)), {}, 1s);
  }
  int labels = 0;
  for (const auto& [name, count] : scrape(metrics_)) {
    if (name.starts_with("chainmend_tls_handshake_failures_total{")) {
      EXPECT_EQ(count, 1) << name;
      ++labels;
    }
  }
  EXPECT_EQ(labels, kReasons);
}

TEST_F(MetricsTest, CountsNoiseApartFromHandshakes) {
  phones_.noise(tls::NoiseKind::http_request);
  phones_.noise(tls::NoiseKind::proxy_header_missing);
  EXPECT_EQ(value("tls_noise_total", R"(listener="phones",kind="http_request")"), 1);
  EXPECT_EQ(value("tls_noise_total", R"(listener="phones",kind="proxy_header_missing")"), 1);
  EXPECT_THAT(metrics_.scrape(), Not(HasSubstr("tls_handshakes_total")));
}

TEST_F(MetricsTest, AddsUpAlertsWithoutANameAsOther) {
  for (const std::uint8_t code : std::array<std::uint8_t, 2>{200, 201}) {
    const tls::Alert alert{tls::AlertDirection::received, code};
    phones_.handshake(failed(Reason::client_alert_other, alert), {}, 1s);
  }
  EXPECT_EQ(value("tls_alerts_total", R"(listener="phones",direction="received",alert="other")"),
            2);
}

TEST_F(MetricsTest, CallsAVersionThatItDoesNotKnowUnknown) {
  HandshakeOutcome outcome = failed(Reason::timeout);
  outcome.offered_max_version = 0x7f1c;
  phones_.handshake(outcome, {}, 1s);
  EXPECT_EQ(of_phones("tls_offered_max_version_total", R"(tls_version="unknown")"), 1);
}

TEST_F(MetricsTest, GivesOneHandleForOneName) {
  EXPECT_EQ(&metrics_.listener("phones"), &phones_);
  EXPECT_NE(&metrics_.listener("exchange"), &phones_);
  EXPECT_EQ(&metrics_.route("phones", "/ews"), &metrics_.route("phones", "/ews"));
  EXPECT_NE(&metrics_.route("phones", "/ews"), &metrics_.route("exchange", "/ews"));
  EXPECT_EQ(&metrics_.upstream_server("cas", "a"), &metrics_.upstream_server("cas", "a"));
  EXPECT_NE(&metrics_.upstream_server("cas", "a"), &metrics_.upstream_server("cas", "b"));
}

TEST_F(MetricsTest, CountsTheLastOfAllTypes) {
  ClientType last;
  for (std::size_t i = 0; i < ClientType::kLimit; ++i) {
    const ClientType type = ClientType::named("type" + std::to_string(i));
    last = type == ClientType() ? last : type;
  }
  EXPECT_EQ(last.index(), ClientType::kLimit - 1);
  phones_.handshake(failed(Reason::timeout), last, 1s);
  EXPECT_EQ(
      value("tls_handshake_failures_total", R"(listener="phones",client_type=")" +
                                                std::string(last.name()) + R"(",reason="timeout")"),
      1);
}

TEST_F(MetricsTest, CountsWhatAnotherPolicyWouldHaveAccepted) {
  phones_.recoverable({}, metrics_.policy("legacy-tls10"));
  for (int i = 0; i < 20; ++i) {
    metrics_.policy("p" + std::to_string(i));
  }
  phones_.recoverable({}, metrics_.policy("p19"));
  EXPECT_EQ(of_phones("tls_recoverable_total", R"(policy="legacy-tls10")"), 1);
  EXPECT_EQ(of_phones("tls_recoverable_total", R"(policy="other")"), 1);
}

TEST_F(MetricsTest, SaysWhatBecameOfEachType) {
  const ClientType phone = ClientType::named("lync_phone_edition");
  const ClientType other = ClientType::named("ios");
  const std::chrono::sys_seconds noon =
      std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h;
  phones_.handshake(completed(Outcome::full, clients::kTls10), phone, 1ms, noon + 400ms);
  phones_.handshake(completed(Outcome::resumed, clients::kTls10), phone, 1ms, noon + 2s);
  phones_.handshake(completed(Outcome::completed_unused, clients::kTls10), phone, 1ms, noon + 5s);
  phones_.handshake(failed(Reason::timeout), other, 1ms, noon);
  const auto counts = metrics_.clients();
  ASSERT_EQ(counts.size(), 2U);
  const bool phone_first = counts[0].type == phone;
  const ClientCounts& of_phone = counts[phone_first ? 0 : 1];
  const ClientCounts& of_other = counts[phone_first ? 1 : 0];
  EXPECT_EQ(of_phone.listener, "phones");
  EXPECT_EQ(of_phone.outcomes, (std::array<std::uint64_t, 4>{1, 1, 0, 1}));
  EXPECT_EQ(of_phone.last_success, noon + 2s);
  const VersionUse& tls10 = of_phone.versions[version_index(clients::kTls10)];
  EXPECT_EQ(tls10.last, noon + 5s);
  EXPECT_EQ(of_other.versions[version_index(clients::kTls10)].count, 0U);
  EXPECT_EQ(of_other.versions[version_index(clients::kTls10)].last, std::nullopt);
  EXPECT_EQ(of_other.type, other);
  EXPECT_EQ(of_other.outcomes, (std::array<std::uint64_t, 4>{0, 0, 1, 0}));
  EXPECT_EQ(of_other.last_success, std::nullopt);
}

TEST_F(MetricsTest, IsScrapedWhileThreadsCount) {
  constexpr int kEvents = 500;
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, t] {
      ListenerMetrics& listener = metrics_.listener(t == 0 ? "phones" : "exchange");
      const ClientType type = ClientType::named("type" + std::to_string(t));
      for (int i = 0; i < kEvents; ++i) {
        const Held connection = listener.connection();
        listener.handshake(failed(Reason::timeout, kUnknownCa), type, 1ms);
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(scrape(metrics_).count(kTwice), 0U);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(value("connections_total", R"(listener="exchange")"), 2 * kEvents);
  EXPECT_EQ(value("connections", R"(listener="exchange")"), 0);
}

}  // namespace
}  // namespace chainmend::metrics
