#include "proxy/cli/measure_exporter.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "config/quote.h"
#include "config/values.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/measure/measured_metrics.h"
#include "proxy/diagnose/measure/plan.h"
#include "proxy/net/loop.h"
#include "proxy/server/admin_access.h"
#include "proxy/server/page_server.h"
#include "proxy/server/query.h"

namespace chainmend::cli {
namespace {

namespace asio = boost::asio;
using server::Page;

// Measurements at a time; Prometheus asks again, and the servers are not flooded.
constexpr std::size_t kAtOnce = 4;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kForbidden = 403;
constexpr unsigned kNotFound = 404;
constexpr unsigned kNotAllowed = 405;
constexpr unsigned kMisdirected = 421;
constexpr unsigned kBusy = 503;

// "?target=a%3A443&type=b" by name; the last one of a name counts.
std::map<std::string, std::string> parameters(std::string_view query) {
  std::map<std::string, std::string> out;
  query.remove_prefix(query.starts_with('?') ? 1 : 0);
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    const auto equals = std::min(one.find('='), one.size());
    out[server::unescaped(one.substr(0, equals))] =
        server::unescaped(one.substr(std::min(equals + 1, one.size())));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
  }
  return out;
}

class Exporter {
 public:
  Exporter(diagnose::ProbeOptions options, std::shared_ptr<const certs::IssuerSet> bundles,
           std::vector<std::string> allowed, std::vector<std::string> names)
      : options_(std::move(options)),
        bundles_(std::move(bundles)),
        allowed_(std::move(allowed)),
        names_(std::move(names)) {}

  net::Task<Page> page(const http::RequestHead& head) {
    if (!server::is_asked_as(names_, head.host)) {
      co_return Page{.status = kMisdirected,
                     .body = "This exporter is not asked by the name " + std::string(head.host) +
                             ": ask by its address, or name it with --name\n"};
    }
    if (head.method == "POST") {
      co_return Page{
          .status = kNotAllowed, .body = "Only GET and HEAD\n", .fields = "Allow: GET, HEAD\r\n"};
    }
    if (head.path != "/probe") {
      co_return Page{.status = kNotFound,
                     .body = "Here is /probe?target=HOST:PORT&type=CLIENT_TYPE\n"};
    }
    const auto asked = parameters(head.query);
    const auto target = asked.find("target");
    if (target == asked.end()) {
      co_return Page{.status = kBadRequest, .body = "which target? /probe?target=HOST:PORT\n"};
    }
    const auto type = asked.find("type");
    if (busy_ >= kAtOnce) {
      co_return Page{.status = kBusy, .body = "busy with other measurements, ask again\n"};
    }
    ++busy_;
    Page answer = co_await on_the_pool(target->second, type == asked.end() ? "" : type->second);
    --busy_;
    co_return answer;
  }

  void stop() {
    stop_.request_stop();
    pool_.join();
  }

 private:
  // Attempts block; so they are made by a thread of the pool, and the coroutine goes on afterwards.
  net::Task<Page> on_the_pool(std::string target, std::string type) {
    co_return co_await asio::async_initiate<decltype(net::kUseTask), void(Page)>(
        [this](auto done, std::string to, std::string as) {
          asio::post(pool_, [this, done = std::move(done), to = std::move(to),
                             as = std::move(as)]() mutable {
            Page answer = measure(to, as);
            const auto executor = asio::get_associated_executor(done);
            asio::post(executor, [done = std::move(done), answer = std::move(answer)]() mutable {
              std::move(done)(std::move(answer));
            });
          });
        },
        net::kUseTask, std::move(target), std::move(type));
  }

  Page measure(const std::string& to, const std::string& as) const {
    const auto target = diagnose::parse_target(to);
    if (!target) {
      return {.status = kBadRequest, .body = target.error().describe() + "\n"};
    }
    if (std::ranges::find(allowed_, target->text()) == allowed_.end()) {
      return {.status = kForbidden,
              .body = target->text() +
                      " is none of the targets that this exporter may measure "
                      "(--allow)\n"};
    }
    diagnose::ProbeOptions options = options_;
    if (!as.empty()) {
      auto stacks = stacks_for({as});
      if (!stacks) {
        return {.status = kBadRequest, .body = stacks.error().describe() + "\n"};
      }
      options.stacks = *std::move(stacks);
    }
    const diagnose::Pace pace{.count = 1, .rate = kPoliteRate, .timeout = options.timeout};
    certs::IssuerSetSource bundle(bundles_);
    diagnose::ListJudge judge(options.trust, options.trust_of, {&bundle});
    diagnose::Plan plan(judge, pace.timeout, stop_.get_token());
    plan.add(*target, options);
    diagnose::measure(plan.rows(), pace, stop_.get_token(), {});
    std::vector<diagnose::Row> rows;
    for (diagnose::Measured& measured : plan.rows()) {
      rows.push_back(std::move(measured.row));
    }
    return {.type = "text/plain; version=0.0.4; charset=utf-8",
            .body = diagnose::metrics_page(rows, plan.unreachable())};
  }

  const diagnose::ProbeOptions options_;
  const std::shared_ptr<const certs::IssuerSet> bundles_;
  const std::vector<std::string> allowed_;  // "mail.contoso.com:443"
  const std::vector<std::string> names_;    // that this exporter is asked by
  std::size_t busy_ = 0;                    // on the loop's thread
  std::stop_source stop_;
  asio::thread_pool pool_{kAtOnce};
};

// The targets that may be asked for, as they are compared.
certs::Result<std::vector<std::string>> read_allowed(const MeasureArguments& arguments) {
  std::vector<std::string> allowed;
  for (const auto& list : {arguments.allowed, arguments.server.targets}) {
    for (const std::string& text : list) {
      const auto target = diagnose::parse_target(text);
      if (!target) {
        return tl::unexpected(target.error());
      }
      allowed.push_back(target->text());
    }
  }
  if (allowed.empty()) {
    return certs::fail(certs::ErrorCode::malformed,
                       "--listen needs --allow TARGET: whoever reaches the exporter could measure "
                       "any server with it");
  }
  return allowed;
}

}  // namespace

int serve_measurements(const MeasureArguments& arguments) {
  const auto endpoint = config::parse_endpoint(arguments.listen);
  if (!endpoint) {
    return fail("--listen: expected an address and a port such as 127.0.0.1:9466, found " +
                config::quote(arguments.listen));
  }
  const auto allowed = read_allowed(arguments);
  if (!allowed) {
    return fail(allowed.error().text);
  }
  const auto options = read_probe_options(arguments.server);
  const auto bundles = read_bundles(arguments.server.bundles);
  if (!options || !bundles) {
    return fail((options ? bundles.error() : options.error()).describe());
  }
  auto sockets = server::open_listening_sockets({endpoint->address, endpoint->port}, 1,
                                                server::Sharing::exclusive);
  if (!sockets) {
    return fail("--listen " + endpoint->text() + ": " + sockets.error());
  }
  if (!asio::ip::make_address(endpoint->address).is_loopback()) {
    const Terminal err(stderr);
    err.line(err.styled(Style::warning, "warning") + ": whoever reaches " + endpoint->text() +
             " can have these targets measured as often as they like");
  }
  const std::uint16_t port = server::bound_port(sockets->front().get());
  Exporter exporter(*options, *bundles, *allowed, arguments.names);
  net::Loop loop;
  const server::PageServer pages(
      loop, std::move(sockets->front()),
      [&exporter](const server::PageRequest& request) { return exporter.page(request.head); });
  asio::signal_set signals(loop.io, SIGINT, SIGTERM);
  signals.async_wait([&loop](const boost::system::error_code&, int) { loop.io.stop(); });
  Terminal(stderr).line(fmt::format("measuring on request: http://{}/probe?target={}",
                                    config::Endpoint{endpoint->address, port}.text(),
                                    allowed->front()));
  loop.io.run();
  exporter.stop();
  return kOk;
}

}  // namespace chainmend::cli
