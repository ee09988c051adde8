#include "proxy/logs/last_failures.h"

#include <gtest/gtest.h>

#include "proxy/logs/handshake_log.h"

namespace chainmend::logs {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

TEST(LastFailures, KeepsTheNewestOfEachTypeAndNoMore) {
  LastFailures last;
  const auto start = system_clock::time_point(seconds(1'000'000));
  const auto note = [&](const char* type, int second) {
    const std::string peer = "192.0.2.1:" + std::to_string(second);
    HandshakeRecord record;
    record.listener = "exchange";
    record.client_type = type;
    record.peer = peer;
    record.outcome.reason = tls::Reason::client_unknown_ca;
    last.note(record, start + seconds(second));
  };
  note("rare_phone", 1);
  for (int i = 2; i < 102; ++i) {
    note("noisy_phone", i);
  }
  const std::vector<LastFailure> all = last.all();
  ASSERT_EQ(all.size(), LastFailures::kKeptOfEach + 1);
  EXPECT_EQ(all.front().peer, "192.0.2.1:101");
  EXPECT_EQ(all.back().client_type, "rare_phone") << "a storm of others must not push it out";
}

TEST(LastFailures, KeepWhatTheClientSaidAndWhatItWasServed) {
  clients::ClientHello hello;
  hello.server_name = "mail.contoso.test";
  hello.legacy_version = clients::kTls10;
  hello.suites.assign(LastFailures::kMostListed + 1, 0x002F);
  tls::ServedList list;
  list.certificate = "mail";
  list.chain = "auto";
  list.links.resize(3);
  list.issuer = "Lost CA";
  HandshakeRecord record;
  record.hello = &hello;
  record.served.list = &list;
  record.outcome.stage = tls::Stage::server_flight;
  record.outcome.alert = tls::Alert{tls::AlertDirection::received, 48};
  LastFailures last;
  last.note(record, system_clock::time_point());
  const LastFailure failure = last.all().front();
  EXPECT_EQ(failure.server_name, "mail.contoso.test");
  EXPECT_EQ(failure.versions, std::vector<std::uint16_t>{clients::kTls10});
  EXPECT_EQ(failure.suites.size(), LastFailures::kMostListed) << "a stranger's list must not grow";
  EXPECT_EQ(failure.alert, record.outcome.alert);
  EXPECT_EQ(failure.stage, tls::Stage::server_flight);
  EXPECT_EQ(failure.certificate + ' ' + failure.chain + ' ' + failure.chain_issuer,
            "mail auto Lost CA");
  EXPECT_EQ(failure.length, 3U);
  EXPECT_FALSE(failure.complete);
}

TEST(LastFailures, AreThoseThatTheLogIsToldOfAlsoWithoutAFile) {
  Log log;
  HandshakeLog handshakes(log);
  HandshakeRecord record;
  record.listener = "exchange";
  record.outcome.outcome = tls::Outcome::failed;
  handshakes.write(record);
  record.outcome.outcome = tls::Outcome::full;
  handshakes.write(record);
  EXPECT_EQ(handshakes.last_failures().size(), 1U);
}

}  // namespace
}  // namespace chainmend::logs
