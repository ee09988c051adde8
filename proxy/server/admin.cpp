#include "proxy/server/admin.h"

#include <utility>

namespace chainmend::server {

Admin::Admin(net::Loop& loop, FileDescriptor socket, AdminPages pages)
    : pages_(std::move(pages)),
      server_(loop, std::move(socket),
              [this](std::string_view path, std::string_view /*query*/) { return show(path); }) {}

net::Task<Page> Admin::show(std::string_view path) const { co_return page(path); }

Page Admin::page(std::string_view path) const {
  if (path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8", pages_.metrics()};
  }
  if (path == "/status") {
    return {200, "application/json", pages_.status()};
  }
  if (path == "/clients") {
    return {200, "application/json", pages_.clients()};
  }
  if (path == "/healthz") {
    return {.body = "ok\n"};
  }
  if (path == "/readyz") {
    return pages_.ready() ? Page{.body = "ready\n"} : Page{.status = 503, .body = "not ready\n"};
  }
  return {.status = 404, .body = "Here are /metrics, /healthz, /readyz, /status and /clients\n"};
}

}  // namespace chainmend::server
