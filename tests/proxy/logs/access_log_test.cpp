#include "proxy/logs/access_log.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/proxy/logs/temp_dir.h"

namespace chainmend::logs {
namespace {

using config::AccessPart;

std::vector<AccessPart> parts(const std::string& text) {
  std::string wrong;
  const auto parsed = config::parse_access_format(text, wrong);
  EXPECT_TRUE(parsed) << wrong;
  return parsed.value_or(std::vector<AccessPart>());
}

AccessRecord record() {
  AccessRecord one;
  one.time = std::chrono::sys_days(std::chrono::year(2024) / 5 / 6) + std::chrono::hours(7);
  one.connection = 7;
  one.status = 200;
  one.listener = "exchange";
  one.method = "GET";
  one.path = "/owa";
  one.end = "whole";
  one.bytes_out = 123;
  one.resumed = true;
  one.total = std::chrono::microseconds(12'340);
  return one;
}

TEST(AccessLog, WritesOneObjectPerRequestWithWhatIsKnown) {
  const std::string line = access_line(record(), {});
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(line.back(), '\n');
  EXPECT_EQ(json["time"], "2024-05-06T07:00:00.000Z");
  EXPECT_EQ(json["connection"], 7);
  EXPECT_EQ(json["status"], 200);
  EXPECT_EQ(json["resumed"], true);
  EXPECT_EQ(json["reused"], false);
  EXPECT_EQ(json["total_ms"], 12.3);
  EXPECT_FALSE(json.contains("upstream"));
  EXPECT_FALSE(json.contains("connect_ms"));
}

TEST(AccessLog, WritesALineAsItIsFormatted) {
  EXPECT_EQ(access_line(record(), parts("{time} {{{method}}} {path} {status} {upstream} "
                                        "{resumed} {connect_ms} {total_ms}ms")),
            "2024-05-06T07:00:00.000Z {GET} /owa 200 - yes - 12.3ms\n");
}

// A request target, or a User-Agent, is anybody's text.
TEST(AccessLog, LetsNoValueForgeALine) {
  AccessRecord hostile = record();
  const std::string evil = "/a\"b\\c\nd\x1b[31m\xe2\x80\xae\xff";
  hostile.path = evil;
  const std::string json = access_line(hostile, {});
  EXPECT_EQ(nlohmann::json::parse(json)["path"].get<std::string>(),
            "/a\"b\\c\nd\x1b[31m\xc3\xa2\xc2\x80\xc2\xae\xc3\xbf");
  const std::string plain = access_line(hostile, parts("{path}"));
  EXPECT_EQ(plain, "/a\\x22b\\x5cc\\x0ad\\x1b[31m\\xe2\\x80\\xae\\xff\n");
  for (const std::string& line : {json, plain}) {
    EXPECT_EQ(std::ranges::count_if(line, [](char c) { return c < ' ' || c > '~'; }), 1) << line;
  }
  const std::string lengthy(100'000, 'x');
  hostile.path = lengthy;
  EXPECT_LT(access_line(hostile, {}).size(), 2000U);
}

TEST(AccessLog, TakesAnEvenSample) {
  Log log{{.level = Level::error}};
  AccessLog access(log);
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += access.takes_sample(0.25) ? 1 : 0;
  }
  EXPECT_EQ(taken, 250);
  EXPECT_FALSE(access.takes_sample(0));
  EXPECT_TRUE(access.takes_sample(1));
}

TEST(AccessLog, GoesOnInTheFileThatIsOpenedLater) {
  const TempDir folder;
  {
    Log log{{.level = Level::error}};
    AccessLog access(log);
    EXPECT_FALSE(access.is_open());
    access.use(std::move(*OpenedFile::for_appending(folder / "one")));
    EXPECT_TRUE(access.is_open());
    access.write(record(), parts("{path}"));
    for (int i = 0; i < 1000 && read_file(folder / "one").empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    access.use(std::move(*OpenedFile::for_appending(folder / "two")));
    access.write(record(), parts("{method}"));
  }
  EXPECT_EQ(read_file(folder / "one"), "/owa\n");
  EXPECT_EQ(read_file(folder / "two"), "GET\n");
}

}  // namespace
}  // namespace chainmend::logs
