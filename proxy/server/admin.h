// Admin: the listener for operators: the status page, /metrics /healthz /readyz /status /clients,
// and changes by POST. Runs on the main thread's loop. It still belongs on loopback or on a
// management network: there is no TLS on it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/net/loop.h"
#include "proxy/server/admin_access.h"
#include "proxy/server/page_server.h"

namespace chainmend::server {

// What the pages say; called on the main thread.
struct AdminPages {
  std::function<std::string()> metrics;  // Prometheus' text format
  std::function<std::string()> status;   // JSON
  std::function<bool()> ready;           // false while starting and draining
  std::function<std::string()> clients;  // JSON
  // Who may ask, by the configuration in force.
  std::function<AdminAccess()> access;
  // What a POST of this path, with its query, changes, and the answer to it; nothing: there is no
  // such change. The caller may change things: that was looked at before.
  std::function<std::optional<Page>(std::string_view path, std::string_view query)> change = {};
  std::function<net::Task<Page>()> reload = {};  // POST /reload: waits for the outcome
  // The status page for people, by path; nothing: it has no such path.
  std::function<std::optional<Page>(const http::RequestHead& head)> site = {};
};

class Admin {
 public:
  // Begins to accept on socket. loop must outlive it.
  Admin(net::Loop& loop, FileDescriptor socket, AdminPages pages);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

 private:
  net::Task<Page> answer(const PageRequest& request) const;
  Page page(const http::RequestHead& head) const;
  Page change(const http::RequestHead& head) const;

  AdminPages pages_;
  PageServer server_;  // after the pages that it shows
};

}  // namespace chainmend::server
