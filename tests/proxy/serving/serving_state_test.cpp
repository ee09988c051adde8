#include "proxy/serving/serving_state.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace chainmend::serving {
namespace {

TEST(Listener, RoutesToTheLongestPrefixThatEndsWithASegment) {
  Listener listener;  // sorted as the builder leaves them
  for (const char* prefix : {"/owa/auth/", "/owa/auth", "/owa", "/"}) {
    listener.routes.push_back({prefix, nullptr, nullptr});
  }
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"},
      {"/ow", "/"},
      {"/owa", "/owa"},
      {"/owa/", "/owa"},
      {"/owa/x", "/owa"},
      {"/owax", "/"},
      {"/owa/auth", "/owa/auth"},
      {"/owa/authx", "/owa"},
      {"/owa/auth/x", "/owa/auth/"},
  };
  for (const auto& [path, prefix] : cases) {
    SCOPED_TRACE(path);
    const Route* route = listener.route_for(path, "", "GET");
    ASSERT_NE(route, nullptr);
    EXPECT_EQ(route->prefix, prefix);
  }
  listener.routes.pop_back();
  EXPECT_EQ(listener.route_for("/ow", "", "GET"), nullptr);
  EXPECT_EQ(listener.route_for("*", "", "OPTIONS"), nullptr);
}

TEST(Listener, PrefersTheRouteThatSaysMore) {
  Listener listener;
  const auto add = [&](const char* host, const char* prefix, const char* method) {
    Route route{prefix, nullptr, nullptr, host};
    if (*method != '\0') {
      route.methods = {method};
    }
    listener.routes.push_back(std::move(route));
  };
  add("", "/", "");
  add("", "/owa", "");
  add("", "/owa", "GET");
  add("*.test", "/", "");
  add("*.in.test", "/", "");
  add("mail.test", "/", "");
  add("mail.test", "/owa", "POST");
  std::ranges::sort(listener.routes, says_more);
  const struct {
    const char* host;
    const char* path;
    const char* method;
    const char* expected_host;
    const char* expected_prefix;
    bool with_method;
  } cases[] = {
      {"other", "/x", "GET", "", "/", false},
      {"other", "/owa", "GET", "", "/owa", true},
      {"other", "/owa", "PUT", "", "/owa", false},
      {"", "/owa", "get", "", "/owa", false},                 // methods have capitals
      {"MAIL.test", "/owa", "GET", "mail.test", "/", false},  // host before path
      {"Mail.Test.", "/owa/x", "POST", "mail.test", "/owa", true},
      {"a.b.test", "/owa", "GET", "*.test", "/", false},
      {"a.in.test", "/", "GET", "*.in.test", "/", false},
      {"in.test", "/", "GET", "*.test", "/", false},
      {"test", "/", "GET", "", "/", false},
      {".test", "/", "GET", "", "/", false},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(std::string(one.host) + one.path + " " + one.method);
    const Route* route = listener.route_for(one.path, one.host, one.method);
    ASSERT_NE(route, nullptr);
    EXPECT_EQ(route->host, one.expected_host);
    EXPECT_EQ(route->prefix, one.expected_prefix);
    EXPECT_EQ(!route->methods.empty(), one.with_method);
  }
}

TEST(ServingState, FindsListenersByName) {
  ServingState state;
  auto listener = std::make_unique<Listener>();
  listener->name = "web";
  const Listener* web = listener.get();
  state.listeners.push_back(std::move(listener));
  EXPECT_EQ(state.find_listener("web"), web);
  EXPECT_EQ(state.find_listener("we"), nullptr);
}

}  // namespace
}  // namespace chainmend::serving
