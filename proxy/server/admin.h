// Admin: the listener for operators: /metrics /healthz /readyz /status /clients. Runs on the main
// thread's loop. Its pages show and change nothing, so that whoever reaches it can read but not
// control; it still belongs on loopback.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proxy/net/loop.h"
#include "proxy/server/page_server.h"

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
  // Begins to accept on socket. loop must outlive it.
  Admin(net::Loop& loop, FileDescriptor socket, AdminPages pages);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

 private:
  net::Task<Page> show(std::string_view path) const;
  Page page(std::string_view path) const;

  AdminPages pages_;
  PageServer server_;  // after the pages that it shows
};

}  // namespace chainmend::server
