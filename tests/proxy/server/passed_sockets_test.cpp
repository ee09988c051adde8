// PassedSockets with real sockets, and Listeners that take them.
#include "proxy/server/passed_sockets.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/server/listeners.h"

namespace chainmend::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Far from the descriptors that this process has.
constexpr int kFirst = 700;

FileDescriptor listening() {
  auto sockets = open_listening_sockets({"127.0.0.1", 0}, 1, Sharing::exclusive);
  return std::move(sockets->front());
}

// Puts a copy of the socket where a service manager would have it.
int pass(const FileDescriptor& socket, int offset = 0) {
  return ::dup2(socket.get(), kFirst + offset);
}

config::Listener listener(const std::string& name, std::uint16_t port) {
  config::Listener made;
  made.name = name;
  made.listen = {{{"127.0.0.1", port}, {"c.yaml", 3, 5}}};
  return made;
}

TEST(PassedSockets, KnowTheirNamesAndAddresses) {
  const FileDescriptor one = listening();
  const FileDescriptor two = listening();
  ::fcntl(one.get(), F_SETFL, 0);  // as others open theirs
  pass(one);
  pass(two, 1);
  const auto passed = PassedSockets::take(kFirst, 2, "web:mail");
  ASSERT_TRUE(passed) << passed.error();
  ASSERT_EQ(passed->all().size(), 2);
  ASSERT_EQ(passed->named("mail").size(), 1);
  EXPECT_EQ(passed->named("mail").front()->address.port, bound_port(two.get()));
  EXPECT_EQ(passed->at({"127.0.0.1", bound_port(one.get())})->name, "web");
  EXPECT_EQ(passed->at({"127.0.0.2", bound_port(one.get())}), nullptr);
  EXPECT_NE(::fcntl(kFirst, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(kFirst, F_GETFL) & O_NONBLOCK, 0);
}

TEST(PassedSockets, NeedNoNames) {
  const FileDescriptor one = listening();
  pass(one);
  const auto passed = PassedSockets::take(kFirst, 1, "");
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->all().front().name, "");
}

TEST(PassedSockets, AreRefusedWhenNobodyCanAcceptOnThem) {
  const FileDescriptor udp(::socket(AF_INET, SOCK_DGRAM, 0));
  const FileDescriptor local(::socket(AF_UNIX, SOCK_STREAM, 0));
  const FileDescriptor silent(::socket(AF_INET, SOCK_STREAM, 0));
  for (const FileDescriptor* odd : {&udp, &local, &silent}) {
    pass(*odd);
    const auto passed = PassedSockets::take(kFirst, 1, "web");
    ASSERT_FALSE(passed);
    EXPECT_THAT(passed.error(), HasSubstr("descriptor 700 (\"web\") is no listening TCP socket"));
    EXPECT_EQ(::fcntl(kFirst, F_GETFD), -1);
  }
  EXPECT_FALSE(PassedSockets::take(kFirst, 1, ""));  // there is none at all
}

TEST(PassedSockets, AreRefusedWhenTwoHaveOneAddress) {
  const FileDescriptor one = listening();
  pass(one);
  pass(one, 1);
  const auto passed = PassedSockets::take(kFirst, 2, "a:b");
  ASSERT_FALSE(passed);
  EXPECT_THAT(passed.error(), HasSubstr("two sockets were passed"));
}

TEST(PassedSockets, BelongToTheProcessThatIsNamed) {
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", "1", 1);
  const auto passed = PassedSockets::from_environment();
  ASSERT_TRUE(passed);
  EXPECT_TRUE(passed->all().empty());
  EXPECT_EQ(::getenv("LISTEN_FDS"), nullptr);
  ::setenv("LISTEN_FDS", "many", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  EXPECT_FALSE(PassedSockets::from_environment());
}

struct ListenersTest : ::testing::Test {
  void pass_as(const std::string& name) {
    pass(socket);
    passed = std::move(*PassedSockets::take(kFirst, 1, name));
  }
  // "address passed" of each socket that the workers get to open.
  std::vector<std::string> opened(const Listeners::Plan& plan) const {
    std::vector<std::string> out;
    for (const Publication& publication : plan.publications) {
      for (const Publication::Opened& one : publication.opened) {
        EXPECT_EQ(bound_port(one.socket.get()), plan.bound.at(one.address).port);
        out.push_back(one.address + (plan.bound.at(one.address).passed ? " passed" : ""));
      }
    }
    return out;
  }

  FileDescriptor socket = listening();
  std::uint16_t port = bound_port(socket.get());
  std::string address = "127.0.0.1:" + std::to_string(port);
  PassedSockets passed;
  Listeners listeners{passed};
  config::Config config;
};

TEST_F(ListenersTest, TakeAPassedSocketByItsAddressForAllWorkers) {
  pass_as("chainmend.socket");
  config.listeners = {listener("web", port)};
  auto plan = listeners.plan(config, 2);
  ASSERT_TRUE(plan) << plan.error().front().describe();
  EXPECT_THAT(opened(*plan), ElementsAre(address + " passed", address + " passed"));
  listeners.commit(std::move(*plan));
  EXPECT_TRUE(listeners.unused().empty());
}

TEST_F(ListenersTest, TakeAPassedSocketByTheirNameWhateverTheySayWhereToListen) {
  pass_as("web");
  config.listeners = {listener("web", 1)};
  auto plan = listeners.plan(config, 1);
  ASSERT_TRUE(plan) << plan.error().front().describe();
  EXPECT_THAT(opened(*plan), ElementsAre(address + " passed"));
  listeners.commit(std::move(*plan));
  EXPECT_THAT(listeners.addresses_of(config.listeners.front()), ElementsAre(address));
}

TEST_F(ListenersTest, KeepAPassedSocketOverReloadsAndTakeItAgain) {
  pass_as("chainmend.socket");
  const auto commit = [this](const config::Listener& only) {
    config.listeners = {only};
    auto plan = listeners.plan(config, 1);
    EXPECT_TRUE(plan);
    auto out = opened(*plan);
    listeners.commit(std::move(*plan));
    return out;
  };
  EXPECT_THAT(commit(listener("web", port)), ElementsAre(address + " passed"));
  EXPECT_THAT(commit(listener("mail", port)), ElementsAre());
  EXPECT_THAT(commit(listener("mail", 0)), ElementsAre("mail/127.0.0.1:0"));
  ASSERT_EQ(listeners.unused().size(), 1);
  EXPECT_THAT(commit(listener("mail", port)), ElementsAre(address + " passed"));
}

TEST_F(ListenersTest, SayWhoHasThePassedSocket) {
  pass_as("web");
  config.listeners = {listener("web", 1), listener("mail", port)};
  const auto plan = listeners.plan(config, 1);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().front().describe(),
            "c.yaml:3:5: listener mail cannot listen on " + address +
                ": listener web has the socket that was passed for it");
}

TEST_F(ListenersTest, SayThatAPassedSocketIsInTheWay) {
  pass_as("https");
  config.listeners = {listener("web", port)};
  config.listeners.front().listen.front().value.address = "0.0.0.0";
  const auto plan = listeners.plan(config, 1);
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().front().text,
              HasSubstr("a socket for " + address + " was passed under the name \"https\""));
}

TEST(Duplicates, TakeFromOneQueue) {
  const FileDescriptor one = listening();
  const auto port = bound_port(one.get());
  pass(one);
  auto passed = PassedSockets::take(kFirst, 1, "web");
  auto copies = duplicates(passed->all().front(), 2);
  ASSERT_TRUE(copies);
  passed->close();
  EXPECT_EQ(::fcntl(kFirst, F_GETFD), -1);
  boost::asio::io_context loop;
  boost::asio::ip::tcp::socket caller(loop);
  caller.connect({boost::asio::ip::address_v4::loopback(), port});
  const FileDescriptor accepted(::accept(copies->back().get(), nullptr, nullptr));
  EXPECT_TRUE(accepted);
}

}  // namespace
}  // namespace chainmend::server
