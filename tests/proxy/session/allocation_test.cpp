// A kept-alive request allocates nothing, from its first byte to the answer's last, and what is
// known of a handshake is gone once it was reported. Counted by replacing operator new in this
// whole test program, while the product's loop turns.
#include <fcntl.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "proxy/session/handshake_report.h"
#include "tests/proxy/session/lab.h"
#include "tests/proxy/tls/fixtures.h"

namespace {
bool counting = false;
std::size_t allocations = 0;
std::atomic<std::ptrdiff_t> live_bytes{0};

void* noted(void* memory) {
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  allocations += counting ? 1 : 0;
  live_bytes += static_cast<std::ptrdiff_t>(::malloc_usable_size(memory));
  return memory;
}
void release(void* memory) {
  live_bytes -= static_cast<std::ptrdiff_t>(::malloc_usable_size(memory));
  std::free(memory);
}
}  // namespace

void* operator new(std::size_t size) { return noted(std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  return noted(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

namespace chainmend::session::testing {
namespace {

class Counted {
 public:
  // Sends on one side and turns the loop until as much of it as `mark` has come out on the other.
  void carry(int from, std::string_view bytes, int to, std::string_view mark) {
    ASSERT_EQ(::send(from, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::string received;
    std::array<char, 4096> block;
    const auto limit = net::Clock::now() + std::chrono::seconds(30);
    while (!received.ends_with(mark)) {
      ASSERT_LT(net::Clock::now(), limit);
      counting = true;
      lab.worker.loop.io.restart();
      lab.worker.loop.io.run_for(std::chrono::milliseconds(1));
      counting = false;
      const auto n = ::recv(to, block.data(), block.size(), MSG_DONTWAIT);
      received.append(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
    }
  }
  std::size_t of_rounds(int rounds, std::string_view request, std::string_view end_of_request) {
    const std::size_t before = allocations;
    for (int i = 0; i < rounds; ++i) {
      carry(client.fd(), request, server.fd(), end_of_request);
      carry(server.fd(), answer, client.fd(), "body");
    }
    return allocations - before;
  }

  Lab lab;
  Wire client = lab.connect();
  Wire server;
  std::string answer = ok("body");
};

TEST(SessionAllocation, NoneForAKeptAliveRequest) {
  const std::string get =
      "GET /owa/service.svc?x=1 HTTP/1.1\r\nHost: mail.example.com\r\nUser-Agent: a phone with a "
      "rather long name\r\nAuthorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l\r\nCookie: a=b\r\n\r\n";
  Counted counted;
  counted.client.send(get);
  counted.server = counted.lab.upstream.accept();
  counted.server.receive_head();
  counted.server.send(counted.answer);
  counted.client.receive_until("body");
  counted.of_rounds(5, get, "\r\n\r\n");  // until everything has grown
  counting = true;
  const auto one = std::make_unique<int>(1);
  counting = false;
  EXPECT_GT(allocations, 0U) << "the counter works";
  EXPECT_EQ(counted.of_rounds(50, get, "\r\n\r\n"), 0U);
}

// A listener with TLS, and handshakes on it whose steps the test takes itself.
class TlsLab {
 public:
  TlsLab() {
    lab_.listener.tls = server_.context("web", tls::testing::policy("intermediate"),
                                        {tls::testing::served(identity_, "mail")});
    lab_.listener.server_names.add("mail.test",
                                   lab_.metrics.server_name(*lab_.listener.metrics, "mail.test"));
  }

  // How many bytes more are held once a handshake was reported than before its hello came, with the
  // connection still open. version: the best that the client offers.
  std::ptrdiff_t held_after_report(int version) {
    const boost::asio::ip::tcp::endpoint peer(boost::asio::ip::make_address("192.0.2.1"), 50123);
    auto [socket, wire] = net::testing::socket_and_wire(lab_.worker.loop);
    Connection connection(lab_.worker, lab_.state, lab_.listener, 1, std::move(socket),
                          {peer, peer});
    tls::TlsSession& session = *connection.client.session();
    const tls::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context.get(), version);
    const tls::SslPtr client(SSL_new(context.get()));
    SSL_set_fd(client.get(), wire.fd());
    SSL_set_tlsext_host_name(client.get(), "mail.test");
    ::fcntl(wire.fd(), F_SETFL, O_NONBLOCK);
    HandshakeReport report(connection);
    const std::ptrdiff_t before = live_bytes;
    const bool completed = shake_hands(session, client.get());
    report.handshake_ended();
    const bool asked = SSL_write(client.get(), "x", 1) == 1;
    std::array<std::uint8_t, 16> buffer{};
    const std::size_t read = session.read(buffer).n;
    report.used();
    const std::ptrdiff_t held = live_bytes - before;
    EXPECT_TRUE(completed && asked && read == 1 && session.trace().hello == nullptr);
    return held;
  }

  double counted() const {
    const auto series = metrics::scrape(lab_.metrics);
    const auto found = series.find(
        "chainmend_tls_server_name_total{listener=\"web\",server_name=\"mail.test\",outcome="
        "\"full\"}");
    return found == series.end() ? 0 : found->second;
  }

 private:
  static bool shake_hands(tls::TlsSession& session, SSL* client) {
    const auto limit = net::Clock::now() + std::chrono::seconds(30);
    tls::Step step = tls::Step::want_read;
    int result = -1;
    while ((step == tls::Step::want_read || result != 1) && net::Clock::now() < limit) {
      result = SSL_connect(client);
      step = session.handshake();
    }
    return step == tls::Step::done && result == 1;
  }

  tls::testing::Server server_;
  tls::testing::Identity identity_ = tls::testing::make_identity({.names = {"mail.test"}});
  Lab lab_;
};

TEST(SessionAllocation, NothingOfAHandshakeStaysOnceItWasReported) {
  TlsLab lab;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    // The first of its kind is remembered among the hellos seen, which are bounded.
    EXPECT_GT(lab.held_after_report(version), 0) << "the counter works";
    for (int again = 0; again < 3; ++again) {
      EXPECT_EQ(lab.held_after_report(version), 0) << version;
    }
  }
  EXPECT_EQ(lab.counted(), 8);
}

}  // namespace
}  // namespace chainmend::session::testing
