// PageServer: a small HTTP/1.1 server for pages that people and programs ask for: requests without
// a body, no TLS, a bounded number of connections, each head bounded in size and time. Runs on one
// loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/http/head.h"
#include "proxy/net/deadline.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/server/listening_socket.h"

namespace chainmend::server {

struct Page {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  // More field lines of the head, each with its CRLF.
  std::string fields = {};
  std::string caching = "no-store";  // Cache-Control
  // What comes behind the body, for as long as it runs; the connection ends with it. The deadline
  // is that of the connection, and not set.
  std::function<net::Task<void>(net::Stream&, net::Deadline&)> live = {};
};

// Borrowed until the first suspension of the coroutine that answers.
struct PageRequest {
  const http::RequestHead& head;  // its method is GET, HEAD or POST
  // The client is on this machine, and asks for itself: no proxy says that it asks for another.
  bool from_here = false;
};

class PageServer {
 public:
  static constexpr std::size_t kMaxConnections = 64;

  using Pages = std::function<net::Task<Page>(const PageRequest&)>;

  // Begins to accept on socket. loop must outlive it.
  PageServer(net::Loop& loop, FileDescriptor socket, Pages pages);
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

 private:
  net::Task<void> accept_loop();
  net::Task<void> serve(net::Socket client);

  net::Loop& loop_;
  net::Acceptor acceptor_;
  Pages pages_;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
};

}  // namespace chainmend::server
