#include <gmock/gmock.h>

#include "proxy/server/page/document.h"
#include "proxy/server/page/feed.h"
#include "proxy/server/page/parts.h"

namespace chainmend::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHostile = "\"><script>alert(1)</script>";

Overview overview() {
  Overview out;
  out.report = std::make_shared<serving::Report>();
  out.versions = {"1.2.3", "OpenSSL 3"};
  return out;
}

ClientStanding client(const char* listener, std::uint64_t good, std::uint64_t failed,
                      tls::Reason reason = tls::Reason::version_unsupported) {
  ClientStanding out;
  out.counts.listener = listener;
  out.counts.outcomes[static_cast<std::size_t>(tls::Outcome::full)] = good;
  out.counts.outcomes[static_cast<std::size_t>(tls::Outcome::failed)] = failed;
  out.counts.reasons[static_cast<std::size_t>(reason)] = failed;
  out.minutes.resize(ClientHistory::kMinutes);
  out.minutes.back() = {good, failed};
  return out;
}

TEST(ClientsSection, PutsThoseFirstWhoCannotConnect) {
  Overview now = overview();
  now.clients = {client("well", 9, 0), client("some", 5, 5), client("none", 0, 3),
                 client("more", 0, 7)};
  ClientStanding quiet = client("quiet", 4, 4);
  quiet.minutes.back() = {};
  now.clients.push_back(quiet);
  const Section section = clients_section(now);
  std::vector<std::string> ids;
  for (const Row& row : section.rows) {
    ids.push_back(row.id);
  }
  EXPECT_THAT(ids,
              ::testing::ElementsAre("client-more-other", "client-none-other", "client-some-other",
                                     "client-well-other", "client-quiet-other"));
  EXPECT_THAT(section.rows.front().html.str(),
              AllOf(HasSubstr("none get in"), HasSubstr("version_unsupported"),
                    HasSubstr("0 % of the last hour"), HasSubstr("Last success: never")));
  EXPECT_THAT(section.intro.str(), HasSubstr("2 of 5"));
}

TEST(ClientsSection, ShowsWhatFailedAndKeepsItText) {
  Overview now = overview();
  now.clients = {client("phones", 0, 1)};
  logs::LastFailure failure;
  failure.listener = "phones";
  failure.client_type = "other";
  failure.server_name = kHostile;
  failure.peer = kHostile;
  failure.hint = kHostile;
  failure.versions = {clients::kTls10};
  failure.suites = {0x002F};
  failure.alert = tls::Alert{tls::AlertDirection::received, 48};
  failure.certificate = "mail";
  failure.chain_issuer = kHostile;
  now.failures = {failure};
  failure.listener = "elsewhere";
  failure.hint = "of another row";
  now.failures.push_back(failure);
  EXPECT_THAT(
      clients_section(now).rows.front().html.str(),
      AllOf(Not(HasSubstr("<script")), HasSubstr("&lt;script&gt;"), HasSubstr("tls1.0"),
            HasSubstr("TLS_RSA_WITH_AES_128_CBC_SHA"),
            HasSubstr("unknown_ca (48), sent by the client"), Not(HasSubstr("of another row"))));
}

TEST(UpstreamsSection, SaysHowServersStandAndOffersChangesToWhoMay) {
  Overview now = overview();
  ServerStanding server;
  server.name = "https://10.0.0.11:443";
  server.state = metrics::ServerState::down;
  server.checks = {{upstream::kWhole, false, metrics::CheckOutcome::status, kHostile, {}, {}}};
  server.median = std::chrono::milliseconds(5);
  server.slow = std::chrono::milliseconds(25);
  now.upstreams = {{"cas", {server}}};
  const std::string html = upstreams_section(now).rows.front().html.str();
  EXPECT_THAT(html, AllOf(HasSubstr("down"), HasSubstr("95 % within 25 ms"),
                          Not(HasSubstr("<script")), Not(HasSubstr("<button"))));
  now.may_change = true;
  EXPECT_THAT(upstreams_section(now).rows.front().html.str(),
              HasSubstr("data-change=\"/upstreams/drain\""));
}

TEST(ProcessSection, SaysWhereAReloadWasRefused) {
  Overview now = overview();
  now.last_reload_error = "chainmend.yaml:3:5: no such key";
  auto report = std::make_shared<serving::Report>();
  report->warnings = {{{"/etc/chainmend.yaml", 7, 2}, "is old"}};
  now.report = report;
  std::string all;
  for (const Row& row : process_section(now).rows) {
    all += row.html.str();
  }
  EXPECT_THAT(all, AllOf(HasSubstr("chainmend.yaml:3:5: no such key"), HasSubstr("7:2: is old"),
                         HasSubstr("OpenSSL 3")));
}

TEST(Document, LeavesOutWhatTheFilterDoesNotFind) {
  Overview now = overview();
  now.clients = {client("phones", 1, 0), client("desks", 1, 0)};
  const std::vector<Section> sections{clients_section(now)};
  const std::string whole = document(sections, now, {"", 7, false});
  EXPECT_THAT(whole, AllOf(HasSubstr("client-phones-other"), HasSubstr("client-desks-other"),
                           HasSubstr("data-number=\"7\"")));
  // The script then asks for all.
  EXPECT_THAT(document(sections, now, {"DESK", 7, false}),
              AllOf(Not(HasSubstr("client-phones-other")), HasSubstr("client-desks-other"),
                    HasSubstr("data-number=\"0\"")));
  EXPECT_THAT(document(sections, now, {kHostile, 7, false}), Not(HasSubstr("<script>")));
}

}  // namespace
}  // namespace chainmend::server
