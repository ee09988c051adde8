#include "proxy/serving/upstream_chain.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "config/values.h"
#include "tests/proxy/metrics/scraped.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::serving::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = tls::ServerList::State;

struct Judging {
  Judging() : fd(::open(lab.path("log").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    log.emplace(logs::Log::Options{.style = logs::Log::Style::plain, .descriptor = fd});
    chain.emplace(
        "hq",
        std::make_shared<certs::TrustProfile>(
            "test", std::vector<certs::CertificatePtr>{lab.root.certificate}),
        [this](std::function<void()> job) { jobs.push_back(std::move(job)); }, &*log,
        lab.metrics.upstream_chain("hq"));
  }
  ~Judging() {
    log.reset();  // its thread may still write
    ::close(fd);
  }
  Judging(const Judging&) = delete;
  Judging& operator=(const Judging&) = delete;

  void see(const std::vector<const Identity*>& list, const std::string& server = "https://a") {
    tls::ServerList seen{State::whole, {}};
    for (const Identity* one : list) {
      const auto der = one->certificate->der();
      seen.certificates.emplace_back(der.begin(), der.end());
    }
    see(std::move(seen), server);
  }
  void see(tls::ServerList seen, const std::string& server = "https://a") {
    chain->saw(server, std::move(seen));
    for (const auto& job : std::exchange(jobs, {})) {
      ++judged;
      job();
    }
  }
  double gauge() const {
    const auto series = metrics::scrape(lab.metrics);
    const auto found = series.find("chainmend_upstream_chain_complete{upstream=\"hq\"}");
    return found == series.end() ? -1 : found->second;
  }
  // What was logged, a line each; nothing can be seen afterwards.
  std::vector<std::string> lines() {
    log.reset();
    std::ifstream file(lab.path("log"));
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) {
      out.push_back(line);
    }
    return out;
  }

  Lab lab;
  int fd;
  std::vector<std::function<void()>> jobs;
  int judged = 0;
  std::optional<logs::Log> log;
  std::optional<UpstreamChain> chain;
};

TEST(UpstreamChain, TellsABrokenListFromAWholeOneOncePerChange) {
  Judging j;
  EXPECT_EQ(j.gauge(), -1);
  j.see({&j.lab.leaf});
  EXPECT_EQ(j.gauge(), 0);
  j.see({&j.lab.leaf});
  EXPECT_EQ(j.judged, 1);  // the same list
  j.see({&j.lab.leaf, &j.lab.ca});
  EXPECT_EQ(j.gauge(), 1);
  j.see({&j.lab.leaf, &j.lab.ca, &j.lab.root});
  EXPECT_EQ(j.judged, 3);
  EXPECT_THAT(j.lines(), ElementsAre(AllOf(HasSubstr("upstream_chain"), HasSubstr("upstream=hq"),
                                           HasSubstr("server=https://a"), HasSubstr("chain=broken"),
                                           HasSubstr("'CN=Lab CA'"), HasSubstr("is missing")),
                                     AllOf(HasSubstr("chain=whole"), HasSubstr("certificates=2"),
                                           HasSubstr("ends at the root CN=Lab Root")),
                                     AllOf(HasSubstr("chain=whole"), HasSubstr("certificates=3"))));
}

TEST(UpstreamChain, IsAsGoodAsItsWorstServer) {
  Judging j;
  j.see({&j.lab.leaf, &j.lab.ca}, "https://a");
  EXPECT_EQ(j.gauge(), 1);
  j.see({&j.lab.leaf}, "https://b");
  EXPECT_EQ(j.gauge(), 0);
  j.see({&j.lab.leaf, &j.lab.ca}, "https://a");
  EXPECT_EQ(j.gauge(), 0);
  EXPECT_THAT(j.lines(), SizeIs(2));
}

TEST(UpstreamChain, SaysWhenAListCannotBeJudged) {
  Judging j;
  j.see(tls::ServerList{State::too_long, {}});
  j.see(tls::ServerList{State::malformed, {}});
  j.see(tls::ServerList{State::whole, {{0x30, 0x03, 1, 2, 3}}});
  EXPECT_EQ(j.gauge(), -1);
  EXPECT_THAT(j.lines(),
              ElementsAre(AllOf(HasSubstr("chain=unknown"), HasSubstr("longer than 64 KiB")),
                          HasSubstr("the list cannot be read"),
                          HasSubstr("its certificate cannot be read")));
}

TEST(UpstreamChain, JudgesOneListAtATime) {
  Judging j;
  tls::ServerList one{State::malformed, {}};
  j.chain->saw("https://a", one);
  j.chain->saw("https://b", one);
  EXPECT_THAT(j.jobs, SizeIs(1));
}

TEST(UpstreamChain, GaugeGoesWithItsLastUser) {
  Judging j;
  j.see({&j.lab.leaf});
  auto next = j.lab.metrics.upstream_chain("hq");  // a reload keeps what is known
  EXPECT_EQ(j.gauge(), 0);
  next->complete(true);
  EXPECT_EQ(j.gauge(), 1);
  next.reset();
  EXPECT_EQ(j.gauge(), -1);
}

TEST(PassthroughRules, FirstThatFitsWins) {
  Lab lab;
  const auto built = lab.build("chain: { bundles: ca.pem, " + kAiaOff + R"( }
certificates: { mail: { cert: leaf.pem } }
client_types: [ { name: desk, match: { source: 10.1.0.0/16 } } ]
listeners:
  - name: web
    listen: 127.0.0.1:0
    certificates: mail
    upstream: rest
    passthrough:
      - { server_name: "*.phones.test", source: 10.0.0.0/8, upstream: both }
      - { server_name: [a.phones.test, none], upstream: name }
      - { client_type: [desk, java_6], upstream: type }
  - { name: all, listen: 127.0.0.1:0, mode: passthrough, upstream: rest }
upstreams:
  both: { servers: https://127.0.0.1:1 }
  name: { servers: https://127.0.0.1:2 }
  type: { servers: https://127.0.0.1:3 }
  rest: { servers: https://127.0.0.1:4 }
)");
  ASSERT_TRUE(built);
  const ServingState& state = *built->state;
  const Listener& web = *state.find_listener("web");
  const auto taken_by = [&](const Listener& listener, const char* source, const char* name) {
    clients::ClientHello hello;
    hello.server_name = name;
    const auto network = config::parse_network(source);
    const Passthrough* rule =
        listener.passthrough_for({network->address, listener.name, hello, {}}, *state.classifier);
    return rule == nullptr ? "" : rule->upstream->name;
  };
  EXPECT_EQ(taken_by(web, "10.1.2.3", "a.phones.test"), "both");
  EXPECT_EQ(taken_by(web, "192.0.2.1", "a.phones.test"), "name");
  EXPECT_EQ(taken_by(web, "192.0.2.1", "b.phones.test"), "");
  EXPECT_EQ(taken_by(web, "192.0.2.1", ""), "name");
  EXPECT_EQ(taken_by(web, "10.1.2.3", "mail.test"), "type");
  EXPECT_EQ(taken_by(web, "10.2.2.3", "mail.test"), "");
  const Listener& all = *state.find_listener("all");
  EXPECT_EQ(taken_by(all, "10.2.2.3", "mail.test"), "rest");
  EXPECT_EQ(all.tls, nullptr);
  EXPECT_THAT(all.routes, IsEmpty());
}

}  // namespace
}  // namespace chainmend::serving::testing
