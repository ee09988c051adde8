// handshakes: makes TLS handshakes with a server for a while and counts them. Each one is a
// connection of its own: handshake, close_notify, wait for the server's end.
//
//   handshakes PORT 1.2|1.3 full|resumed SECONDS THREADS
//
// Prints the number of handshakes. Ends with 1 at the first that fails, or that resumes when it
// should not or does not when it should.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

namespace {

struct Deleter {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_SESSION* p) const { SSL_SESSION_free(p); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter>;
using SslPtr = std::unique_ptr<SSL, Deleter>;
using SessionPtr = std::unique_ptr<SSL_SESSION, Deleter>;

struct Task {
  std::uint16_t port = 0;
  int version = TLS1_3_VERSION;
  bool resume = false;
};

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "handshakes: %s\n", why);
  std::exit(1);
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up("cannot connect");
  }
  return fd;
}

// One handshake; returns the session to resume next time. What the server still has to say (TLS
// 1.3 sends its tickets behind the handshake) is read before the close, or the close would be RST.
SessionPtr handshake(SSL_CTX* context, const Task& task, SSL_SESSION* resumed) {
  const SslPtr ssl(SSL_new(context));
  const int fd = connect_to(task.port);
  SSL_set_fd(ssl.get(), fd);
  SSL_set_tlsext_host_name(ssl.get(), "mail.contoso.test");
  if (resumed != nullptr) {
    SSL_set_session(ssl.get(), resumed);
  }
  if (SSL_connect(ssl.get()) != 1) {
    give_up("a handshake failed");
  }
  if ((SSL_session_reused(ssl.get()) == 1) != (resumed != nullptr)) {
    give_up(resumed != nullptr ? "a session was not resumed" : "a session was resumed");
  }
  SSL_shutdown(ssl.get());
  ::shutdown(fd, SHUT_WR);
  char byte = 0;
  while (SSL_read(ssl.get(), &byte, 1) > 0) {
  }
  SessionPtr session(SSL_get1_session(ssl.get()));
  ::close(fd);
  return session;
}

void work(const Task& task, const std::atomic<bool>& over, std::atomic<long>& count) {
  const ContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), task.version);
  SSL_CTX_set_max_proto_version(context.get(), task.version);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set1_groups_list(context.get(), "X25519");
  SessionPtr session;
  while (!over) {
    SessionPtr next = handshake(context.get(), task, session.get());
    if (!task.resume) {
      ++count;
      continue;
    }
    count += session ? 1 : 0;
    session = std::move(next);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    give_up("handshakes PORT 1.2|1.3 full|resumed SECONDS THREADS");
  }
  Task task;
  task.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  task.version = std::string_view(argv[2]) == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
  task.resume = std::string_view(argv[3]) == "resumed";
  std::atomic<bool> over = false;
  std::atomic<long> count = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < std::atoi(argv[5]); ++i) {
    threads.emplace_back([&] { work(task, over, count); });
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(std::atof(argv[4])));
  over = true;
  threads.clear();
  std::printf("%ld\n", count.load());
  return 0;
}
