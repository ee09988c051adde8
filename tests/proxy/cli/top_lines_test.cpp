#include "proxy/cli/top_lines.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace chainmend::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

std::string text_of(const std::vector<StyledLine>& lines) {
  std::string all;
  for (const StyledLine& line : lines) {
    all += line.text + '\n';
  }
  return all;
}

const Json kClients = Json::parse(R"({
  "types": [
    {"listener": "phones", "client_type": "ios", "reasons": {}, "minutes": [[3, 0], [1, 0]]},
    {"listener": "phones", "client_type": "lync", "minutes": [[0, 2]],
     "reasons": {"timeout": 1, "client_unknown_ca": 7}}],
  "failures": [{"time": "2026-11-27T15:00:00Z", "peer": "192.0.2.1:5", "client_type": "lync",
    "server_name": "evil\u001b[2J\u202e", "reason": "client_unknown_ca", "hint": "look"}]})");

TEST(TopLines, ShowWhoCannotConnectFirst) {
  const std::string text = text_of(top_lines(Json::object(), kClients));
  EXPECT_LT(text.find("lync"), text.find("ios"));
  EXPECT_THAT(text,
              AllOf(HasSubstr("0 %     0/2     client_unknown_ca"), HasSubstr("100 %     4/4")));
}

TEST(TopLines, HoldNoByteThatATerminalObeys) {
  const std::string text = text_of(top_lines(Json::object(), kClients));
  EXPECT_THAT(text, AllOf(HasSubstr("evil\\x1b[2J"), Not(HasSubstr("\033"))));
  EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xAE")));
}

// Whoever answers there may be no chainmend.
TEST(TopLines, StandWhateverTheJsonIs) {
  for (const char* const odd :
       {"{}", "[]", "3", R"({"types": 3, "failures": {}, "certificates": "x"})",
        R"({"types": [3, {"minutes": [[1], 2, ["a", null]], "reasons": []}], "failures": [4]})",
        R"({"certificates": [{"failure": {}, "chain": [1, {}]}], "upstreams": [{"servers": [5]}]})",
        R"({"config": [], "warnings": [{"line": "x"}], "open_connections": -3})"}) {
    const Json json = Json::parse(odd);
    EXPECT_THAT(text_of(top_lines(json, json)), HasSubstr("chainmend")) << odd;
  }
}

TEST(TopLines, SayWhatMendsAnIncompleteChain) {
  const Json status = Json::parse(R"({"certificates": [
    {"name": "mail", "chain_name": "auto", "remedy": "name its file in chain.bundles",
     "chain": [{"not_after": "2027-01-01T00:00:00Z"}], "failure": {"missing_issuer": "CN=Lost CA"}}]})");
  EXPECT_THAT(text_of(top_lines(status, Json::object())),
              AllOf(HasSubstr("0 of 1 complete"), HasSubstr("missing CN=Lost CA"),
                    HasSubstr("name its file in chain.bundles"), HasSubstr("2027-01-01")));
}

TEST(Cut, TakesCodePointsWhole) {
  EXPECT_EQ(cut("abc", 2), "ab");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("M\xC3\xBCnchen", 2), "M\xC3\xBC");
  EXPECT_EQ(cut("", 5), "");
}

}  // namespace
}  // namespace chainmend::cli
