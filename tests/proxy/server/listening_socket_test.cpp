#include "proxy/server/listening_socket.h"

#include <gmock/gmock.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace chainmend::server {
namespace {

using ::testing::HasSubstr;

const std::string kLoopback = "127.0.0.1";

TEST(ListeningSockets, ShareOnePortThatTheKernelChose) {
  const auto sockets = open_listening_sockets({kLoopback, 0}, 3, Sharing::among_ourselves);
  ASSERT_TRUE(sockets);
  ASSERT_EQ(sockets->size(), 3);
  const auto port = bound_port(sockets->front().get());
  EXPECT_NE(port, 0);
  for (const FileDescriptor& socket : *sockets) {
    EXPECT_EQ(bound_port(socket.get()), port);
    EXPECT_EQ(address_family(socket.get()), AF_INET);
  }
}

// A port is taken whether or not its owner would share it: only our own may be shared.
TEST(ListeningSockets, RefuseAPortThatIsTaken) {
  for (const Sharing owner : {Sharing::exclusive, Sharing::among_ourselves}) {
    const auto taken = open_listening_sockets({kLoopback, 0}, 1, owner);
    ASSERT_TRUE(taken);
    const ListenAddress same = {kLoopback, bound_port(taken->front().get())};
    for (const Sharing wanted : {Sharing::exclusive, Sharing::among_ourselves}) {
      const auto again = open_listening_sockets(same, 1, wanted);
      ASSERT_FALSE(again);
      EXPECT_THAT(again.error(), HasSubstr("address already in use"));
    }
    EXPECT_EQ(open_listening_sockets(same, 1, Sharing::shared).has_value(),
              owner != Sharing::exclusive);
    // The port of every address is the port of this one too.
    EXPECT_EQ(open_listening_sockets({"0.0.0.0", same.port}, 2, Sharing::shared).has_value(),
              owner != Sharing::exclusive);
  }
}

TEST(ListeningSockets, AreFreeAgainWhenClosed) {
  auto sockets = open_listening_sockets({kLoopback, 0}, 2, Sharing::among_ourselves);
  ASSERT_TRUE(sockets);
  const ListenAddress same = {kLoopback, bound_port(sockets->front().get())};
  sockets->clear();
  EXPECT_TRUE(open_listening_sockets(same, 2, Sharing::among_ourselves));
}

TEST(ListeningSockets, HandTheirOptionsDown) {
  const auto sockets = open_listening_sockets({kLoopback, 0}, 1, Sharing::exclusive);
  ASSERT_TRUE(sockets);
  boost::asio::io_context loop;
  boost::asio::ip::tcp::socket caller(loop);
  caller.connect({boost::asio::ip::make_address(kLoopback), bound_port(sockets->front().get())});
  const FileDescriptor accepted(::accept(sockets->front().get(), nullptr, nullptr));
  ASSERT_TRUE(accepted);
  const auto option = [&](int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(accepted.get(), level, name, &value, &size), 0);
    return value;
  };
  EXPECT_NE(option(IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_NE(option(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(option(IPPROTO_TCP, TCP_KEEPIDLE), 60);
}

TEST(ListeningSockets, RefuseWhatIsNoAddressOfThisMachine) {
  EXPECT_EQ(open_listening_sockets({"localhost", 0}, 1, Sharing::exclusive).error(),
            "not a numeric address");
  EXPECT_THAT(open_listening_sockets({"192.0.2.1", 0}, 1, Sharing::exclusive).error(),
              HasSubstr("no interface of this machine"));
}

}  // namespace
}  // namespace chainmend::server
