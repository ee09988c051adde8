// Admin: the listener for operators: /metrics /healthz /readyz /status /clients. Runs on the main
// thread's loop. Its pages show and change nothing, so that whoever reaches it can read but not
// control; it still belongs on loopback.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/server/listening_socket.h"

namespace chainmend::server {

// What the pages say; called on the main thread.
struct AdminPages {
  std::function<std::string()> metrics;  // Prometheus' text format
  std::function<std::string()> status;   // JSON
  std::function<bool()> ready;           // false while starting and draining
  std::function<std::string()> clients;  // JSON
};

class Admin {
 public:
  static constexpr std::size_t kMaxConnections = 64;

  // Begins to accept on socket. loop must outlive it.
  Admin(net::Loop& loop, FileDescriptor socket, AdminPages pages);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

 private:
  struct Page {
    unsigned status = 200;
    std::string type = "text/plain; charset=utf-8";
    std::string body;
  };
  net::Task<void> accept_loop();
  net::Task<void> serve(net::Socket client);
  Page page(std::string_view path) const;

  net::Loop& loop_;
  net::Acceptor acceptor_;
  AdminPages pages_;
  std::shared_ptr<std::size_t> open_ = std::make_shared<std::size_t>(0);
};

}  // namespace chainmend::server
