// PageServer: a small HTTP/1.1 server for pages that people and Prometheus read: GET and HEAD
// without a body, no TLS, a bounded number of connections. Runs on one loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/server/listening_socket.h"

namespace chainmend::server {

struct Page {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

class PageServer {
 public:
  static constexpr std::size_t kMaxConnections = 64;

  // The page for a path and a query (with its '?'; empty when there is none). Both are borrowed
  // until the first suspension of the coroutine.
  using Pages = std::function<net::Task<Page>(std::string_view path, std::string_view query)>;

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
