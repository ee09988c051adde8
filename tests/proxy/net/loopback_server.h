// LoopbackServer: an HTTP server on 127.0.0.1 and a free port that does whatever the test's handler
// says, misbehaviour included. A thread per connection; the destructor ends them all.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace chainmend::net {

class Peer {
 public:
  explicit Peer(boost::asio::ip::tcp::socket& socket) : socket_(socket) {}
  const std::string& head() const { return head_; }  // the request as it came
  std::string target() const;                        // second word of the request line
  bool send(std::string_view bytes);                 // false once the client has gone
  void wait_until_gone();                            // keeps silent until the client closes

 private:
  friend class LoopbackServer;
  void read_head();
  boost::asio::ip::tcp::socket& socket_;
  std::string head_;
};

class LoopbackServer {
 public:
  using Handler = std::function<void(Peer&)>;
  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view target = "/") const;
  std::vector<std::string> heads() const;  // of all requests so far
  std::size_t requests() const { return heads().size(); }
  std::size_t connections() const { return connections_; }

 private:
  void accept_all();
  void serve(boost::asio::ip::tcp::socket socket);

  Handler handler_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<bool> closing_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> heads_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

// A whole answer with Content-Length.
std::string answer(std::string_view status, std::string_view body, std::string_view more_head = "");
std::string redirect_to(std::string_view location);

}  // namespace chainmend::net
