// A kept-alive request allocates nothing, from its first byte to the answer's last. Counted by
// replacing operator new in this whole test program, while the product's loop turns.
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/proxy/session/lab.h"

namespace {
bool counting = false;
std::size_t allocations = 0;
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

}  // namespace
}  // namespace chainmend::session::testing
