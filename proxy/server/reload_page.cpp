#include "proxy/server/reload_page.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace chainmend::server {

namespace {

using Json = nlohmann::ordered_json;

Json listed(const config::Diagnostics& diagnostics, config::Severity severity) {
  Json out = Json::array();
  for (const config::Diagnostic& one : config::only(severity, diagnostics)) {
    // What is about no file stands nowhere.
    const bool placed = !one.at.file.empty();
    out.push_back({{"at", placed ? Json(one.at.describe()) : Json()}, {"text", one.text}});
  }
  return out;
}

Page page_of(const Reload::Report& report) {
  // What is told of a reload that was taken are warnings, whatever they would be elsewhere.
  config::Diagnostics diagnostics = report.diagnostics;
  for (config::Diagnostic& one : diagnostics) {
    one.severity = report.taken ? config::Severity::warning : one.severity;
  }
  const Json json = {{"taken", report.taken},
                     {"errors", listed(diagnostics, config::Severity::error)},
                     {"warnings", listed(diagnostics, config::Severity::warning)},
                     {"needs_restart", report.needs_restart}};
  return {.status = report.taken ? 200U : 409U,
          .type = "application/json",
          .body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

}  // namespace

net::Task<Page> reload_page(net::Loop& loop, Reload& reload) {
  namespace asio = boost::asio;
  co_return co_await asio::async_initiate<decltype(net::kUseTask), void(Page)>(
      [&loop, &reload](auto done) {
        // A std::function must be copyable, and what goes on with the coroutine is not.
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        reload.reload([shared, &loop](const Reload::Report& report) {
          asio::post(loop.io, [shared, page = page_of(report)]() mutable {
            std::move (*shared)(std::move(page));
          });
        });
      },
      net::kUseTask);
}

}  // namespace chainmend::server
