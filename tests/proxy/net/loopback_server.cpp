#include "tests/proxy/net/loopback_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace chainmend::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void Peer::read_head() {
  error_code ignored;
  asio::read_until(socket_, asio::dynamic_buffer(head_, 16384), "\r\n\r\n", ignored);
}

std::string Peer::target() const {
  const std::size_t first = head_.find(' ');
  const std::size_t second = head_.find(' ', first + 1);
  return first == std::string::npos ? "" : head_.substr(first + 1, second - first - 1);
}

bool Peer::send(std::string_view bytes) {
  error_code error;
  asio::write(socket_, asio::buffer(bytes), error);
  return !error;
}

void Peer::wait_until_gone() {
  char byte = 0;
  error_code error;
  while (!error) {
    socket_.read_some(asio::buffer(&byte, 1), error);
  }
}

LoopbackServer::LoopbackServer(Handler handler)
    : handler_(std::move(handler)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      accepting_([this] { accept_all(); }) {}

LoopbackServer::~LoopbackServer() {
  closing_ = true;
  tcp::socket wake(context_);
  error_code ignored;
  wake.connect({asio::ip::address_v4::loopback(), port_}, ignored);
  accepting_.join();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void LoopbackServer::accept_all() {
  while (true) {
    error_code error;
    tcp::socket socket(context_);
    acceptor_.accept(socket, error);
    if (closing_) {
      return;
    }
    if (!error) {
      ++connections_;
      threads_.emplace_back([this, s = std::move(socket)]() mutable { serve(std::move(s)); });
    }
  }
}

void LoopbackServer::serve(tcp::socket socket) {
  Peer peer(socket);
  peer.read_head();
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(peer.head());
  }
  handler_(peer);
  // The client reads to the end although bytes of its own may be unread here; a plain close would
  // reset it.
  error_code ignored;
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  peer.wait_until_gone();
}

std::string LoopbackServer::url(std::string_view target) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
}

std::vector<std::string> LoopbackServer::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::string answer(std::string_view status, std::string_view body, std::string_view more_head) {
  return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(more_head) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string redirect_to(std::string_view location) {
  return answer("302 Found", "", "Location: " + std::string(location) + "\r\n");
}

}  // namespace chainmend::net
