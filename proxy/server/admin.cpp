#include "proxy/server/admin.h"

#include <algorithm>
#include <array>
#include <utility>

namespace chainmend::server {

namespace {

constexpr std::array<std::string_view, 7> kPaths{"/",       "/events", "/metrics", "/healthz",
                                                 "/readyz", "/status", "/clients"};

AdminAsk ask_of(const http::RequestHead& head) {
  if (head.method == "POST") {
    return AdminAsk::change;
  }
  return head.path == "/healthz" || head.path == "/readyz" ? AdminAsk::health : AdminAsk::page;
}

}  // namespace

Admin::Admin(net::Loop& loop, FileDescriptor socket, AdminPages pages)
    : pages_(std::move(pages)),
      server_(loop, std::move(socket),
              [this](const PageRequest& request) { return answer(request); }) {}

net::Task<Page> Admin::answer(const PageRequest& request) const {
  const AdminAsk what = ask_of(request.head);
  if (auto refused = refuse(pages_.access(), request, what)) {
    co_return *std::move(refused);
  }
  if (request.head.path == "/reload" && pages_.reload) {
    if (what != AdminAsk::change) {
      co_return Page{.status = 405, .body = "Only POST\n", .fields = "Allow: POST\r\n"};
    }
    Page page = co_await pages_.reload();
    co_return page;
  }
  co_return what == AdminAsk::change ? change(request.head) : page(request.head);
}

Page Admin::page(const http::RequestHead& head) const {
  const std::string_view path = head.path;
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
  if (pages_.site) {
    if (auto shown = pages_.site(head)) {
      return *std::move(shown);
    }
  }
  return {.status = 404, .body = "Here are /, /metrics, /healthz, /readyz, /status and /clients\n"};
}

Page Admin::change(const http::RequestHead& head) const {
  if (pages_.change) {
    if (auto changed = pages_.change(head.path, head.query)) {
      return *std::move(changed);
    }
  }
  if (std::ranges::find(kPaths, head.path) != kPaths.end()) {
    return {.status = 405, .body = "Only GET and HEAD\n", .fields = "Allow: GET, HEAD\r\n"};
  }
  return page(head);
}

}  // namespace chainmend::server
