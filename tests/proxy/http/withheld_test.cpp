#include "proxy/http/withheld.h"

#include <gtest/gtest.h>

namespace chainmend::http {
namespace {

TEST(Withheld, TellsARequestFromABodyByItsFirstBytes) {
  const std::pair<const char*, Withheld> cases[] = {
      {"", Withheld::undecided},
      {"P", Withheld::undecided},
      {"PROP", Withheld::undecided},
      {"GET", Withheld::undecided},
      {"GET ", Withheld::request},
      {"POST /ews HTTP/1.1\r\n", Withheld::request},
      {"RPC_OUT_DATA /rpc", Withheld::request},
      {"SUBSCRIBE /x", Withheld::request},  // the method of the request itself
      {"UNSUBSCRIBE /x", Withheld::body},
      {"get /", Withheld::body},
      {"GET\t/", Withheld::body},
      {"GETTING", Withheld::body},
      {"0123456789GET / HTTP/1.1", Withheld::body},
      {"<?xml", Withheld::body},
      {"\r\nGET / HTTP/1.1", Withheld::body},
      {"5\r\nhello", Withheld::body},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(look_at_withheld(text, "SUBSCRIBE"), expected) << text;
  }
}

}  // namespace
}  // namespace chainmend::http
