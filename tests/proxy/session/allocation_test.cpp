// A kept-alive request allocates nothing, from its first byte to the answer's last, with TLS or
// without. Counted by replacing operator new and OpenSSL's malloc in this whole test program, while
// the product's loop turns.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/proxy/session/lab.h"
#include "tests/proxy/tls/fixtures.h"

namespace {
bool counting = false;
std::size_t allocations = 0;
std::size_t of_openssl = 0;

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
}  // namespace

void* operator new(std::size_t size) {
  allocations += counting ? 1 : 0;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations += counting ? 1 : 0;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

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

}  // namespace
}  // namespace chainmend::session::testing
