// Types as a closed set of small numbers.
#include "proxy/clients/client_type.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace chainmend::clients {
namespace {

TEST(ClientType, IsOtherByDefault) {
  EXPECT_EQ(ClientType().name(), "other");
  EXPECT_EQ(ClientType().index(), 0U);
  EXPECT_EQ(ClientType::named("other"), ClientType());
}

TEST(ClientType, HasTheBuiltInNamesFromTheStart) {
  std::set<std::size_t> numbers{0};
  for (const auto& type : config::kBuiltInClientTypes) {
    const ClientType one = ClientType::known(type.name);
    EXPECT_EQ(one.name(), type.name);
    EXPECT_TRUE(numbers.insert(one.index()).second) << type.name;
  }
}

// Uses up the room: tests of this program name built-in types only.
TEST(ClientType, KeepsItsNumberAndCallsWhatIsTooManyOther) {
  const ClientType own = ClientType::named("reception");
  EXPECT_EQ(own.name(), "reception");
  EXPECT_EQ(ClientType::named("reception"), own);
  EXPECT_EQ(ClientType::known("reception"), own);
  EXPECT_EQ(ClientType::known("nobody"), ClientType());
  EXPECT_EQ(ClientType::at(own.index()), own);
  for (int i = 0; i < 100; ++i) {
    ClientType::named("extra-" + std::to_string(i));
  }
  EXPECT_EQ(ClientType::count(), ClientType::kLimit);
  EXPECT_EQ(ClientType::named("one-more"), ClientType());
  EXPECT_EQ(ClientType::at(1000), ClientType());
  EXPECT_EQ(ClientType::known("reception"), own);
}

}  // namespace
}  // namespace chainmend::clients
