#include "proxy/net/proxy_protocol.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/proxy/net/wire.h"

namespace chainmend::net {
namespace {

using namespace std::string_literals;
using boost::asio::ip::make_address;
using testing::Gate;
using testing::turn_of;
using testing::turn_until;
using testing::Wire;

std::string text(const std::optional<ProxyHeader>& header) {
  if (!header) {
    return "none";
  }
  if (!header->addresses) {
    return "unknown";
  }
  const auto one = [](const boost::asio::ip::tcp::endpoint& e) {
    return e.address().to_string() + '#' + std::to_string(e.port());
  };
  return one(header->addresses->source) + ' ' + one(header->addresses->destination);
}

TEST(ProxyLine, IsReadStrictly) {
  const std::pair<const char*, const char*> cases[] = {
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 65535", "192.0.2.1#1 192.0.2.2#65535"},
      {"PROXY TCP6 2001:db8::1 ::1 50123 443", "2001:db8::1#50123 ::1#443"},
      {"PROXY UNKNOWN", "unknown"},
      {"PROXY UNKNOWN ffff::1 ffff::2 1 2", "unknown"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1", "none"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3", "none"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536", "none"},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ", "none"},
      {"PROXY TCP4 192.0.2.1  192.0.2.2 1 2", "none"},
      {"PROXY TCP4 ::1 ::1 1 2", "none"},
      {"PROXY TCP6 192.0.2.1 192.0.2.2 1 2", "none"},
      {"PROXY TCP4 192.0.2 192.0.2.2 1 2", "none"},
      {"PROXY UDP4 192.0.2.1 192.0.2.2 1 2", "none"},
      {"proxy TCP4 192.0.2.1 192.0.2.2 1 2", "none"},
      {"", "none"},
  };
  for (const auto& [line, expected] : cases) {
    EXPECT_EQ(text(parse_proxy_line(line)), expected) << line;
  }
}

// What a connection that begins with these bytes is taken for, and what is left on it. The bytes
// come one by one.
std::pair<std::string, std::string> read(const std::string& bytes, bool close = true) {
  Loop loop;
  auto [socket, wire] = testing::socket_and_wire(loop);
  std::optional<std::string> result;
  boost::asio::co_spawn(
      loop.io,
      read_proxy_header(socket, loop.deadlines, Clock::now() + std::chrono::milliseconds(500)),
      [&](const std::exception_ptr&, std::optional<ProxyHeader> header) { result = text(header); });
  for (const char c : bytes) {
    wire.send({&c, 1});
    turn_of(loop)();
  }
  if (close) {
    wire.finish_writing();
  }
  EXPECT_TRUE(turn_until(turn_of(loop), [&] { return result.has_value(); }));
  std::array<char, 64> rest{};
  boost::system::error_code ignored;
  const std::size_t n = socket.is_open() ? socket.read_some(boost::asio::buffer(rest), ignored) : 0;
  return {*result, std::string(rest.data(), n)};
}

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

TEST(ReadProxyHeader, TakesTheHeaderAndNothingBehindIt) {
  using P = std::pair<std::string, std::string>;
  EXPECT_EQ(read("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET"), P("192.0.2.1#1 192.0.2.2#2", "GET"));
  EXPECT_EQ(read("PROXY UNKNOWN\r\n\x16\x03"), P("unknown", "\x16\x03"));
  EXPECT_EQ(read(kSignature + "\x21\x11\0\x0c"s + "\xc0\0\2\1\xc0\0\2\2\0\1\xff\xff"s + "GET"),
            P("192.0.2.1#1 192.0.2.2#65535", "GET"));
  // Extensions are skipped; what LOCAL and families that we do not know bring, too.
  EXPECT_EQ(read(kSignature + "\x21\x11\0\x0f"s + "\xc0\0\2\1\xc0\0\2\2\0\1\0\2"s + "\4\0\0GET"s),
            P("192.0.2.1#1 192.0.2.2#2", "GET"));
  EXPECT_EQ(read(kSignature + "\x20\0\0\0GET"s), P("unknown", "GET"));
  EXPECT_EQ(read(kSignature + "\x21\x12\0\2xxGET"s), P("unknown", "GET"));
}

TEST(ReadProxyHeader, RefusesWhatIsNone) {
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n").first, "none");
  EXPECT_EQ(read("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\nGET").first, "none");
  EXPECT_EQ(read("PROXY UNKNOWN " + std::string(100, 'x') + "\r\n").first, "none");
  EXPECT_EQ(read(kSignature + "\x31\x11\0\x0c"s + std::string(12, 'x')).first, "none");
  EXPECT_EQ(read(kSignature + "\x21\x11\0\2xx"s).first, "none");
  EXPECT_EQ(read("PROXY TC").first, "none");
  EXPECT_EQ(read("PROXY TCP4", false).first, "none");  // and then nothing
}

TEST(AppendProxyHeader, WritesWhatIsReadAgain) {
  const std::pair<const char*, const char*> pairs[] = {{"192.0.2.1", "192.0.2.2"},
                                                       {"2001:db8::1", "::1"},
                                                       {"192.0.2.1", "::1"},
                                                       {"::ffff:192.0.2.1", "192.0.2.2"}};
  for (const auto& [source, destination] : pairs) {
    for (const ProxyVersion version : {ProxyVersion::v1, ProxyVersion::v2}) {
      std::string out;
      append_proxy_header(version, {{make_address(source), 1}, {make_address(destination), 443}},
                          out);
      const auto [header, rest] = read(out + "x");
      EXPECT_THAT(header, ::testing::EndsWith("#443")) << source << destination;
      EXPECT_EQ(rest, "x");
    }
  }
  std::string none;
  append_proxy_header(ProxyVersion::none, {}, none);
  EXPECT_EQ(none, "");
}

TEST(WriteProxyHeader, ForTheProxyItself) {
  for (const ProxyVersion version : {ProxyVersion::v1, ProxyVersion::v2}) {
    std::string out;
    append_local_header(version, out);
    const auto [header, rest] = read(out + "x");
    EXPECT_EQ(header, "unknown");
    EXPECT_EQ(rest, "x");
  }
  std::string none;
  append_local_header(ProxyVersion::none, none);
  EXPECT_EQ(none, "");
}

}  // namespace
}  // namespace chainmend::net
