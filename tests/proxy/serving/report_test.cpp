#include "proxy/serving/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "proxy/serving/report_json.h"
#include "tests/proxy/serving/lab.h"

namespace chainmend::serving {
namespace {

using testing::kAiaOff;
using testing::Lab;

class ReportTest : public ::testing::Test {
 protected:
  Report report(const std::string& yaml) {
    const std::string text = "chain: { " + kAiaOff + ", bundles: ca.pem }\n" +
                             "certificates: { mail: { cert: leaf.pem, key: leaf.pem } }\n" +
                             "upstreams: { u: { servers: [https://127.0.0.1:1] } }\n" + yaml;
    const config::Config config = lab_.parse(text);
    const auto built = lab_.build(text);
    EXPECT_TRUE(built) << (built ? "" : built.error().front().describe());
    return built ? make_report(config, *built) : Report();
  }

  Lab lab_;
};

// "type|from|lowest|policy"
std::vector<std::string> rows(const ListenerReport& listener) {
  std::vector<std::string> out;
  for (const TermsReport& row : listener.terms) {
    std::string from;
    for (const std::string& network : row.from) {
      from += (from.empty() ? "" : ",") + network;
    }
    out.push_back(row.client_type + '|' + from + '|' + tls::version_name(row.min_version) + '|' +
                  row.policy);
  }
  return out;
}

TEST_F(ReportTest, SaysWhoMayUseWhichVersionFromWhere) {
  const Report report = this->report(R"(
client_types:
  - { name: lync_phone_edition, match: { source: [10.20.0.0/16, 10.21.0.0/16] } }
  - { name: polycom_phone, match: { source: 10.30.0.0/16 } }
  - { name: polycom_phone, match: { source: 10.40.0.0/16, listener: other } }
listeners:
  - name: web
    listen: 127.0.0.1:0
    upstream: u
    certificates: [mail]
    tls:
      policy: modern
      for_clients:
        - { client_type: lync_phone_edition, policy: legacy-tls10 }
        - { client_type: polycom_phone, policy: compatible-tls12 }
        - { client_type: mitel_ip400, policy: legacy-tls10 }
  - { name: other, listen: 127.0.0.1:0, upstream: u, certificates: [mail] }
)");
  ASSERT_EQ(report.listeners.size(), 2U);
  EXPECT_EQ(rows(report.listeners[0]),
            (std::vector<std::string>{
                "lync_phone_edition|10.20.0.0/16,10.21.0.0/16|TLS 1.0|legacy-tls10",
                "polycom_phone|10.30.0.0/16|TLS 1.2|compatible-tls12",
                "polycom_phone||TLS 1.2|compatible-tls12",  // by its hello, from anywhere
                "mitel_ip400||TLS 1.0|legacy-tls10",        // by nothing, see below
                "||TLS 1.3|modern"}));
  const auto& terms = report.listeners[0].terms;
  EXPECT_EQ(terms[0].known_by, "c.yaml:6:5");
  EXPECT_EQ(terms[2].known_by, "its ClientHello");
  EXPECT_EQ(terms[3].known_by, "nothing: no rule of client_types names it");
  EXPECT_EQ(rows(report.listeners[1]), (std::vector<std::string>{"||TLS 1.2|intermediate"}));
}

TEST_F(ReportTest, NamesEachPolicyOnce) {
  const Report report = this->report(R"(
listeners:
  - { name: a, listen: 127.0.0.1:0, upstream: u, certificates: [mail], tls: { policy: legacy-tls10 } }
  - { name: b, listen: 127.0.0.1:0, upstream: u, certificates: [mail], tls: { policy: legacy-tls10 } }
  - { name: c, listen: 127.0.0.1:0, mode: passthrough, upstream: u }
)");
  ASSERT_EQ(report.policies.size(), 1U);
  EXPECT_EQ(report.policies[0].name, "legacy-tls10");
  EXPECT_FALSE(report.policies[0].notes.empty());
  const auto json = to_json(report);
  EXPECT_EQ(json["listeners"][0]["notes"], json["listeners"][1]["notes"]);
  EXPECT_EQ(json["listeners"][0]["notes"].size(), report.policies[0].notes.size());
  EXPECT_TRUE(json["listeners"][2]["policy"].is_null());
  EXPECT_TRUE(json["listeners"][2]["clients"].empty());
  EXPECT_EQ(json["upstreams"][0]["servers"][0]["name"], "https://127.0.0.1:1");
}

}  // namespace
}  // namespace chainmend::serving
