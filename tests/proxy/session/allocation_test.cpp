// A kept-alive request allocates nothing, from its first byte to the answer's last, with TLS or
// without, and what is known of a handshake is gone once it was reported. Counted by replacing
// operator new and OpenSSL's malloc in this whole test program, while the product's loop turns.
#include <fcntl.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "proxy/session/handshake_report.h"
#include "tests/proxy/session/lab.h"
#include "tests/proxy/tls/fixtures.h"

namespace {
bool counting = false;
std::size_t allocations = 0;
std::size_t of_openssl = 0;
std::atomic<std::ptrdiff_t> live_bytes{0};

void* openssl_malloc(std::size_t size, const char*, int) {
  of_openssl += counting ? 1 : 0;
  return std::malloc(size);
}
void* openssl_realloc(void* memory, std::size_t size, const char*, int) {
  of_openssl += counting ? 1 : 0;
  return std::realloc(memory, size);
}
void openssl_free(void* memory, const char*, int) { std::free(memory); }
// Before OpenSSL's first allocation, or it refuses.
const bool counts_openssl =
    CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

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

// A client's side of a connection, plain or with TLS, that never waits.
class Caller {
 public:
  explicit Caller(Wire wire) : wire_(std::move(wire)) {
    ::fcntl(wire_.fd(), F_SETFL, ::fcntl(wire_.fd(), F_GETFL) | O_NONBLOCK);
  }
  void use_tls() {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), wire_.fd());
    SSL_set_connect_state(ssl_.get());
  }
  bool shake_hands() { return !ssl_ || SSL_do_handshake(ssl_.get()) == 1; }
  void send(std::string_view bytes) {
    const auto size = static_cast<int>(bytes.size());
    ASSERT_EQ(ssl_ ? SSL_write(ssl_.get(), bytes.data(), size)
                   : ::send(wire_.fd(), bytes.data(), bytes.size(), 0),
              size);
  }
  std::string receive() {
    std::string block(4096, '\0');
    const auto n = ssl_ ? SSL_read(ssl_.get(), block.data(), static_cast<int>(block.size()))
                        : ::recv(wire_.fd(), block.data(), block.size(), 0);
    block.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return block;
  }

 private:
  Wire wire_;
  tls::SslCtxPtr context_;
  tls::SslPtr ssl_;
};

class Counted {
 public:
  explicit Counted(bool tls) {
    if (tls) {
      const auto identity = tls::testing::make_identity({.names = {"mail.example.com"}});
      lab.listener.tls = keys.context("web", tls::testing::policy("intermediate"),
                                      {tls::testing::served(identity, "web")});
    }
    client.emplace(lab.connect());
    if (tls) {
      client->use_tls();
    }
    EXPECT_TRUE(turn_until(turn_of(lab.worker.loop), [&] { return client->shake_hands(); }));
    client->send(get);
    server.emplace(lab.upstream.accept());
    answer_one();
    rounds(5);  // until everything has grown
  }
  // Requests that follow the first.
  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      client->send(get);
      answer_one();
    }
  }

  Lab lab;
  tls::testing::Server keys;
  std::optional<Caller> client;
  std::optional<Caller> server;

 private:
  // Turns the loop, counting, until what comes out of one side ends so.
  void wait_for(Caller& side, std::string_view end) {
    std::string received;
    const auto limit = net::Clock::now() + std::chrono::seconds(30);
    while (!received.ends_with(end)) {
      ASSERT_LT(net::Clock::now(), limit);
      counting = true;
      lab.worker.loop.io.restart();
      lab.worker.loop.io.run_for(std::chrono::milliseconds(1));
      counting = false;
      received += side.receive();
    }
  }
  void answer_one() {
    wait_for(*server, "\r\n\r\n");
    server->send(ok("body"));
    wait_for(*client, "body");
  }

  std::string get =
      "GET /owa/service.svc?x=1 HTTP/1.1\r\nHost: mail.example.com\r\nUser-Agent: a phone with a "
      "rather long name\r\nAuthorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l\r\nCookie: a=b\r\n\r\n";
};

TEST(SessionAllocation, NoneForAKeptAliveRequest) {
  Counted counted(false);
  counting = true;
  const auto one = std::make_unique<int>(1);
  counting = false;
  EXPECT_GT(allocations, 0U) << "the counter works";
  allocations = 0;
  counted.rounds(50);
  EXPECT_EQ(allocations, 0U);
}

// What OpenSSL allocates cannot be helped: it gives the record buffers of a connection back while
// it idles (SSL_MODE_RELEASE_BUFFERS), which is what makes an idle one small, and takes them again,
// one to read and one to write; and for each record that it seals or opens it makes notes
// (packet.c).
TEST(SessionAllocation, NoneOfOurOwnForAKeptAliveRequestUnderTls) {
  ASSERT_TRUE(counts_openssl);
  Counted counted(true);
  EXPECT_GT(of_openssl, 0U) << "the counter works";
  allocations = of_openssl = 0;
  counted.rounds(50);
  EXPECT_EQ(allocations, 0U);
  EXPECT_LE(of_openssl, 6 * 50U);
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
    Connection connection(lab_.worker,
                          {lab_.state, lab_.listener, 1, std::move(socket), peer, peer});
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
