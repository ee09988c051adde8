#include "proxy/server/page/feed.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace chainmend::server {
namespace {

using nlohmann::json;

Row row(const std::string& id, const std::string& text) {
  return {id, text, Html().element("p", text, {{"id", id}}).take()};
}

Section section(std::vector<Row> rows, const std::string& said = "said") {
  return {"clients", "Clients", intro("clients", said), {}, std::move(rows)};
}

json since(Feed& feed, std::uint64_t number) { return json::parse(feed.since(number)); }

TEST(Feed, TellsAllToWhoHasSeenNothing) {
  Feed feed(1000);
  feed.update({section({row("a", "1"), row("b", "2")})});
  const json all = since(feed, 0);
  EXPECT_EQ(all["number"], feed.number());
  EXPECT_EQ(all["set"].size(), 3U);  // two rows and the introduction
  EXPECT_EQ(all["set"]["a"], "<p id=\"a\">1</p>");
  EXPECT_EQ(all["order"]["clients-rows"], json({"a", "b"}));
  EXPECT_EQ(since(feed, 999), all);  // of an earlier process
}

TEST(Feed, TellsWhatChangedAndNothingElse) {
  Feed feed(1000);
  feed.update({section({row("a", "1"), row("b", "2")})});
  const auto seen = feed.number();
  feed.update({section({row("a", "1"), row("b", "2")})});
  EXPECT_EQ(feed.number(), seen);
  feed.update({section({row("a", "1"), row("b", "3")})});
  EXPECT_EQ(feed.number(), seen + 1);
  EXPECT_EQ(since(feed, seen)["set"], json({{"b", "<p id=\"b\">3</p>"}}));
  EXPECT_EQ(since(feed, seen)["order"], json::object());
  EXPECT_EQ(since(feed, feed.number())["set"], json::object());
}

TEST(Feed, TellsWhichRowsThereAreWhenTheyComeGoOrMove) {
  Feed feed(1000);
  feed.update({section({row("a", "1"), row("b", "2")})});
  const auto first = feed.number();
  feed.update({section({row("b", "2"), row("a", "1")})});
  EXPECT_EQ(since(feed, first)["order"]["clients-rows"], json({"b", "a"}));
  EXPECT_EQ(since(feed, first)["set"], json::object());
  const auto second = feed.number();
  feed.update({section({row("c", "4"), row("a", "1")})});
  EXPECT_EQ(since(feed, second)["order"]["clients-rows"], json({"c", "a"}));
  EXPECT_EQ(since(feed, second)["set"].size(), 1U);
  // One who slept through both is told what comes of them.
  EXPECT_EQ(since(feed, first)["order"]["clients-rows"], json({"c", "a"}));
}

TEST(Feed, WritesOnceForAllWhoSawTheSame) {
  Feed feed(1000);
  feed.update({section({row("a", "1")})});
  EXPECT_EQ(&feed.since(0), &feed.since(0));
}

}  // namespace
}  // namespace chainmend::server
