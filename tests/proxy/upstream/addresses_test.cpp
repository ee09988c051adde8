#include "proxy/upstream/addresses.h"

#include <gmock/gmock.h>

namespace chainmend::upstream {
namespace {

using ::testing::ElementsAre;

using Address = Addresses::Address;

Address a(const char* text) { return boost::asio::ip::make_address(text); }

struct AddressesTest : ::testing::Test {
  AddressesTest() { addresses.set({a("::1"), a("::2"), a("::3"), a("10.0.0.1"), a("10.0.0.2")}); }
  Addresses addresses;
  net::Clock::time_point now = net::Clock::now();
};

TEST_F(AddressesTest, FamiliesTakeTurnsAndEachConnectionBeginsAtAnother) {
  EXPECT_THAT(addresses.in_order(now),
              ElementsAre(a("::1"), a("10.0.0.1"), a("::2"), a("10.0.0.2"), a("::3")));
  EXPECT_THAT(addresses.in_order(now),
              ElementsAre(a("::2"), a("10.0.0.1"), a("::3"), a("10.0.0.2"), a("::1")));
  addresses.in_order(now);
  EXPECT_THAT(addresses.in_order(now),
              ElementsAre(a("10.0.0.1"), a("::1"), a("10.0.0.2"), a("::2"), a("::3")));
}

TEST_F(AddressesTest, OneThatFailedLatelyComesLast) {
  addresses.failed(a("::1"), now);
  EXPECT_EQ(addresses.in_order(now).back(), a("::1"));
  EXPECT_EQ(addresses.in_order(now + Addresses::kShunned).back(), a("::1"));  // its turn is over
  for (int i = 0; i < 3; ++i) {
    addresses.in_order(now);
  }
  EXPECT_EQ(addresses.in_order(now + Addresses::kShunned).front(), a("::1"));
}

TEST_F(AddressesTest, SaysWhatIsNews) {
  EXPECT_FALSE(addresses.set({a("10.0.0.2"), a("10.0.0.1"), a("::3"), a("::2"), a("::1")}));
  EXPECT_TRUE(addresses.set({a("10.0.0.1")}));
  EXPECT_TRUE(addresses.set({a("10.0.0.3")}));
  EXPECT_THAT(addresses.all(), ElementsAre(a("10.0.0.3")));
}

TEST_F(AddressesTest, KeepsABoundedNumber) {
  std::vector<Address> many;
  for (unsigned i = 0; i < 1000; ++i) {
    many.emplace_back(boost::asio::ip::make_address_v4(i));
  }
  addresses.set(many);
  EXPECT_EQ(addresses.all().size(), Addresses::kMost);
}

TEST(Addresses, OfANameThatWasNeverAskedForAreNotKnown) {
  Addresses none;
  EXPECT_FALSE(none.known());
  EXPECT_TRUE(none.in_order(net::Clock::now()).empty());
}

}  // namespace
}  // namespace chainmend::upstream
