// Which hellos came, and that strangers cannot fill the list of them.
#include "proxy/clients/seen_hellos.h"

#include <gtest/gtest.h>

#include <string>

namespace chainmend::clients {
namespace {

using std::chrono_literals::operator""s;

ClientHello hello(std::uint16_t suite) {
  ClientHello out;
  out.legacy_version = kTls10;
  out.suites = {suite, 0x002f};
  return out;
}

class Seen : public testing::Test {
 protected:
  void note(const ClientHello& said, std::uint8_t last_octet = 1, bool succeeded = true) {
    const Address from{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last_octet};
    hellos_.note({from, "a", said, ja4(said)},
                 {ClientType::known("legacy_phone"), Confidence::low, "r"}, succeeded, now_ += 1s);
  }

  std::chrono::system_clock::time_point now_ =
      std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  SeenHellos hellos_;
};

TEST_F(Seen, CountsEachKindMostFrequentFirst) {
  ClientHello rare = hello(5);
  rare.server_name = "mail.contoso.com";
  rare.alpn = {"h2", std::string(200, 'x')};
  note(rare);
  note(hello(4), 7);
  note(hello(4), 8, false);
  const auto all = hellos_.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].count, 2U);
  EXPECT_EQ(all[0].succeeded, 1U);
  EXPECT_EQ(all[0].last, std::chrono::floor<std::chrono::seconds>(now_));
  EXPECT_EQ(all[0].last_address[15], 8);
  EXPECT_EQ(all[0].as.type.name(), "legacy_phone");
  EXPECT_EQ(all[0].suites, (std::vector<std::uint16_t>{4, 0x2f}));
  EXPECT_FALSE(all[0].names_server);
  EXPECT_TRUE(all[1].names_server);
  EXPECT_EQ(all[1].alpn[1].size(), 32U);
}

TEST_F(Seen, KeepsWhatComesOftenWhenStrangersComeWithMany) {
  note(hello(4));
  note(hello(4));
  for (std::uint16_t suite = 0x100; suite < 0x100 + 1000; ++suite) {
    note(hello(suite));
  }
  const auto all = hellos_.all();
  EXPECT_EQ(all.size(), SeenHellos::kMostKept);
  EXPECT_EQ(all[0].suites.front(), 4);
  ClientHello long_one = hello(9);
  long_one.suites.resize(8000, 0x35);
  note(long_one);
  for (const SeenHello& seen : hellos_.all()) {
    EXPECT_LE(seen.suites.size(), SeenHellos::kMostListed);
  }
}

}  // namespace
}  // namespace chainmend::clients
