#include "proxy/metrics/server_names.h"

#include <gtest/gtest.h>

namespace chainmend::metrics {
namespace {

TEST(ServerNames, FindsTheNameThenTheWildcardThenOther) {
  constexpr int kMail = 2;
  constexpr int kWild = 3;
  ServerNames names;
  names.add("mail.contoso.test", {kMail});
  names.add("*.contoso.test", {kWild});
  struct Case {
    const char* asked;
    int label;
  };
  for (const Case& c : {
           Case{"mail.contoso.test", kMail},
           Case{"mail.contoso.test.", kMail},
           Case{"autodiscover.contoso.test", kWild},
           Case{"*.contoso.test", kWild},
           Case{"a.b.contoso.test", kOtherName.index},
           Case{"contoso.test", kOtherName.index},
           Case{"host", kOtherName.index},
           Case{"\\x00", kOtherName.index},
           Case{"", kNoName.index},
           Case{".", kNoName.index},
       }) {
    EXPECT_EQ(names.label_of(c.asked).index, c.label) << c.asked;
  }
}

TEST(ServerNames, KnowsNothingWithoutNames) {
  const ServerNames names;
  EXPECT_EQ(names.label_of("mail.contoso.test").index, kOtherName.index);
  EXPECT_EQ(names.label_of("").index, kNoName.index);
}

}  // namespace
}  // namespace chainmend::metrics
