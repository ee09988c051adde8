#include "proxy/serving/serving_state.h"

#include <gtest/gtest.h>

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
    const Route* route = listener.route_for(path);
    ASSERT_NE(route, nullptr);
    EXPECT_EQ(route->prefix, prefix);
  }
  listener.routes.pop_back();
  EXPECT_EQ(listener.route_for("/ow"), nullptr);
  EXPECT_EQ(listener.route_for("*"), nullptr);
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
