#include "proxy/server/page/html.h"

#include <gtest/gtest.h>

namespace chainmend::server {
namespace {

TEST(Html, EscapesTextAndValuesWhateverTheyAre) {
  struct Case {
    const char* said;
    const char* written;
  };
  for (const auto& [said, written] : {
           Case{"plain", "plain"},
           Case{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
           Case{"\" onclick=\"x", "&quot; onclick=&quot;x"},
           Case{"'&amp;", "&#39;&amp;amp;"},
           Case{"\xE2\x80\xAEtxt.exe", "\\xe2\\x80\\xaetxt.exe"},  // turns the direction of text
           Case{"a\nb\x1b[31m", "a\\x0ab\\x1b[31m"},
           Case{"\xff\xc0<", "\\xff\\xc0&lt;"},  // no UTF-8
           Case{"M\xC3\xBCnchen", "M\xC3\xBCnchen"},
       }) {
    EXPECT_EQ(Html().element("p", said, {{"title", said}}).take().str(),
              std::string("<p title=\"") + written + "\">" + written + "</p>");
    EXPECT_EQ(Html().open("b").text(said).close().take().str(),
              std::string("<b>") + written + "</b>");
  }
}

TEST(Html, NestsElementsAndKeepsMarkup) {
  Html inner;
  inner.element("i", "<");
  Html html;
  html.open("div", {{"hidden"}, {"class", "a b"}}).lone("input", {{"type", "search"}});
  html.part(inner.take()).link("x\"y", "to <x>").fixed(Html::Fixed("<hr>")).close();
  EXPECT_EQ(html.take().str(),
            "<div hidden class=\"a b\"><input type=\"search\"><i>&lt;</i>"
            "<a href=\"#x&quot;y\">to &lt;x&gt;</a><hr></div>");
}

TEST(Html, MakesIdsThatDifferWhereTheirWordsDo) {
  EXPECT_EQ(id_of({"client", "phones", "ios"}), "client-phones-ios");
  EXPECT_EQ(id_of({"server", "cas", "https://[::1]:443"}),
            "server-cas-https_3a_2f_2f_5b_3a_3a1_5d_3a443");
  EXPECT_NE(id_of({"a-b", "c"}), id_of({"a", "b-c"}));
  EXPECT_NE(id_of({"a_2d"}), id_of({"a-"}));
}

}  // namespace
}  // namespace chainmend::server
