// Wire: one end of a TCP connection as a test holds it, non-blocking, beside the loop that holds
// the other. What it waits for it waits for by letting the loop turn, so a test reads downward:
// send, expect, answer.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "proxy/net/loop.h"
#include "proxy/net/socket_options.h"
#include "proxy/net/task.h"

namespace chainmend::net::testing {

// Turn: lets the other side work for a moment.
class Turn {
 public:
  Turn() = default;  // of nobody
  // settle: returns when the other side has dealt with everything that had reached it before, and
  // with what came of that.
  template <typename Once, typename Settle>
  Turn(Once once, Settle settle) : once_(std::move(once)), settle_(std::move(settle)) {}
  // Of another thread's work nobody can say when it has settled: it gets a while.
  template <typename Once>
    requires(!std::is_same_v<Once, Turn>)
  Turn(Once once)  // NOLINT(google-explicit-constructor): a function is a turn
      : Turn(once, [once] {
          for (int i = 0; i < 100; ++i) {
            once();
          }
        }) {}

  void operator()() const { once_(); }
  void settle() const { settle_(); }

 private:
  std::function<void()> once_, settle_;
};

inline void turn(Loop& loop) {
  loop.io.restart();
  loop.io.run_one_for(std::chrono::milliseconds(2));
  loop.io.poll();
}

// A byte on its way to the loop now arrives after all that was sent to it before: when it is there,
// they have been dealt with.
inline void wait_for_a_byte_sent_now(Loop& loop) {
  using boost::asio::ip::tcp;
  tcp::acceptor acceptor(loop.io, {boost::asio::ip::address_v4::loopback(), 0});
  net::Socket here(loop.io);
  here.connect(acceptor.local_endpoint());
  tcp::socket there = acceptor.accept();
  std::array<char, 1> byte{};
  bool arrived = false;
  here.async_read_some(boost::asio::buffer(byte),
                       [&](const boost::system::error_code&, std::size_t) { arrived = true; });
  boost::asio::write(there, boost::asio::buffer("x", 1));
  while (!arrived) {
    turn(loop);
  }
}

inline Turn turn_of(Loop& loop) {
  return {[&loop] { turn(loop); },
          [&loop] {
            // What a test sends moves the product, which moves the wire at its other side, or the
            // same one: two steps, and one more for a close that follows.
            for (int step = 0; step < 3; ++step) {
              wait_for_a_byte_sent_now(loop);
            }
          }};
}

// Turns until done() says so; false when that took so long that it will not.
template <typename Done>
bool turn_until(const Turn& turn, Done done) {
  const auto limit = Clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (Clock::now() > limit) {
      return false;
    }
    turn();
  }
  return true;
}

class Wire {
 public:
  enum class End { none, fin, reset };

  Wire() = default;
  Wire(int fd, Turn turn) : fd_(fd), turn_(std::move(turn)) {}
  Wire(Wire&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        turn_(std::move(other.turn_)),
        in_(std::move(other.in_)),
        end_(other.end_) {}
  Wire& operator=(Wire&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    turn_ = std::move(other.turn_);
    in_ = std::move(other.in_);
    end_ = other.end_;
    return *this;
  }
  ~Wire() { close(); }

  // Connects to a port of 127.0.0.1; the kernel accepts for whoever listens. receive_buffer: small
  // ones make a slow reader.
  static Wire connect(std::uint16_t port, Turn turn, int receive_buffer = 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer != 0) {
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return {fd, std::move(turn)};
  }

  // All of it, unless the peer is gone.
  bool send(std::string_view bytes) {
    return turn_until(turn_,
                      [&] {
                        const auto n =
                            ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
                        if (n < 0) {
                          return errno != EAGAIN;
                        }
                        bytes.remove_prefix(static_cast<std::size_t>(n));
                        return bytes.empty();
                      }) &&
           bytes.empty();
  }

  // What came up to and with the mark, or all that came if the mark never did.
  std::string receive_until(std::string_view mark) {
    turn_until(turn_, [&] {
      take();
      return in_.find(mark) != std::string::npos || end_ != End::none;
    });
    const auto at = in_.find(mark);
    return cut(at == std::string::npos ? in_.size() : at + mark.size());
  }
  std::string receive_head() { return receive_until("\r\n\r\n"); }
  std::string receive(std::size_t n) {
    turn_until(turn_, [&] {
      take();
      return in_.size() >= n || end_ != End::none;
    });
    return cut(std::min(n, in_.size()));
  }
  // Everything until the peer ends; see end().
  std::string receive_all() {
    EXPECT_TRUE(turn_until(turn_, [&] {
      take();
      return end_ != End::none;
    })) << "the peer does not end";
    return cut(in_.size());
  }
  End end() {
    receive_all();
    return end_;
  }
  // Nothing has come, and the peer has not ended, after both had a while to do so.
  bool silent() {
    for (int i = 0; i < 20; ++i) {
      turn_();
    }
    take();
    return in_.empty() && end_ == End::none;
  }

  // Nothing has come so far, and the peer has not ended. Waits for nothing.
  bool nothing_here() {
    take();
    return in_.empty() && end_ == End::none;
  }

  void finish_writing() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  void take() {
    std::array<char, 65536> block;
    while (end_ == End::none) {
      const auto n = ::recv(fd_, block.data(), block.size(), MSG_DONTWAIT);
      if (n > 0) {
        in_.append(block.data(), static_cast<std::size_t>(n));
        continue;
      }
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
      }
      end_ = n == 0 ? End::fin : End::reset;
    }
  }
  std::string cut(std::size_t n) {
    std::string head = in_.substr(0, n);
    in_.erase(0, n);
    return head;
  }

  int fd_ = -1;
  Turn turn_;
  std::string in_;
  End end_ = End::none;
};

// Gate: a listening socket of 127.0.0.1 whose connections a test accepts when it likes.
class Gate {
 public:
  explicit Gate(Turn turn, int backlog = 64) : turn_(std::move(turn)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    set_tcp_options(fd_);  // as the product's listening sockets
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, backlog), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  ~Gate() { close(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  std::uint16_t port() const { return port_; }
  Wire accept() {
    int fd = -1;
    EXPECT_TRUE(turn_until(turn_, [&] {
      fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      return fd >= 0;
    })) << "nobody connects";
    return {fd, turn_};
  }
  // The connection that has come, if one has. Waits for nothing.
  std::optional<Wire> accept_now() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    return fd < 0 ? std::nullopt : std::optional<Wire>(std::in_place, fd, turn_);
  }
  // Nobody has connected when everything so far has been dealt with.
  bool deserted() {
    turn_.settle();
    return !accept_now();
  }
  // The port refuses from now on.
  void close() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

 private:
  Turn turn_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

// The end of a connection to gate that the product is to hold, and the end that the test holds.
inline std::pair<net::Socket, Wire> socket_and_wire(Loop& loop, int receive_buffer = 0) {
  Gate gate(turn_of(loop));
  Wire wire = Wire::connect(gate.port(), turn_of(loop), receive_buffer);
  net::Socket socket(loop.io);
  socket.assign(boost::asio::ip::tcp::v4(), gate.accept().release());
  return {std::move(socket), std::move(wire)};
}

}  // namespace chainmend::net::testing
