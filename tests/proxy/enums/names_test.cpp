#include "proxy/enums/names.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace chainmend::enums {
namespace {

enum class Version : std::uint8_t { ssl3, tls1_0, tls1_2 };
constexpr Names<Version> kVersionNames{"SSL 3.0", "TLS 1.0", "TLS 1.2"};

struct Holder {
  enum class Only { one };
};

static_assert(count<Version>() == 3);  // of an unnamed namespace, the last one ends in a digit
static_assert(count<Holder::Only>() == 1);

TEST(EnumNames, GivesTheNameOfAValue) {
  EXPECT_STREQ(kVersionNames[Version::ssl3], "SSL 3.0");
  EXPECT_STREQ(kVersionNames[Version::tls1_2], "TLS 1.2");
}

TEST(EnumNames, FindsTheValueOfAName) {
  EXPECT_EQ(kVersionNames.find("TLS 1.0"), Version::tls1_0);
  EXPECT_EQ(kVersionNames.find("tls 1.0"), std::nullopt);
  EXPECT_EQ(kVersionNames.find(""), std::nullopt);
}

TEST(EnumNames, ListsAllNamesInOrder) {
  std::string all;
  for (const char* name : kVersionNames) {
    all.append(name).append(";");
  }
  EXPECT_EQ(all, "SSL 3.0;TLS 1.0;TLS 1.2;");
}

TEST(EnumArray, HasAPlaceForEachValue) {
  Array<int, Version> counts{};
  counts[Version::tls1_2] = 7;
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts.back(), 7);
}

}  // namespace
}  // namespace chainmend::enums
