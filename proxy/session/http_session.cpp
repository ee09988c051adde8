#include "proxy/session/http_session.h"

#include <array>
#include <ctime>
#include <utility>

#include "proxy/clients/evidence.h"
#include "proxy/http/codec1.h"
#include "proxy/http/simple_response.h"
#include "proxy/http/status.h"
#include "proxy/http/target.h"
#include "proxy/session/linger.h"

namespace chainmend::session {

namespace asio = boost::asio;
using net::IoError;

asio::awaitable<void> HttpSession::run() {
  After after = After::keep;
  std::unique_ptr<Exchange> exchange;
  for (bool first = true; after == After::keep; first = false) {
    if (!exchange) {
      const bool ready = co_await wait_for_request(first);
      if (!ready) {
        after = After::close;
        break;
      }
      exchange = connection_.worker.exchanges.take();
    }
    after = co_await serve_one(*exchange);
    if (after != After::keep || exchange->from_client.empty()) {
      connection_.worker.exchanges.put(std::exchange(exchange, nullptr));
    }
  }
  link_.close();
  if (after == After::linger) {
    co_await linger(connection_);
  }
  if (after == After::abort) {
    connection_.client.abort();
  } else {
    connection_.client.close();
  }
}

asio::awaitable<bool> HttpSession::wait_for_request(bool first) {
  const auto& timeouts = connection_.listener.timeouts;
  connection_.deadline.expires_after(first ? timeouts.head : timeouts.keep_alive);
  connection_.set_idle(true);
  IoError error = IoError::cancelled;
  if (!connection_.draining()) {
    error = co_await connection_.client.wait_readable();
  }
  connection_.set_idle(false);
  co_return error == IoError::none;
}

asio::awaitable<HttpSession::After> HttpSession::serve_one(Exchange& x) {
  const auto started = net::Clock::now();
  x.begin();
  const Head head = co_await read_head(x);
  if (head != Head::parsed) {
    co_return head == Head::refused ? After::linger : After::close;
  }
  const bool has_body = x.request.framing.kind != http::Framing::Kind::none;
  if (x.request.max_forwards == 0) {
    const bool options = x.request.method == "OPTIONS";
    const After after =
        co_await answer(x, options ? 200 : 405, "This is as far as it goes", has_body);
    co_return after;
  }
  if (x.request.framing.kind == http::Framing::Kind::chunked || x.request.framing.length > 0) {
    // A 101 would have the tunnel and the upload read the client at the same time: no upgrade.
    x.request.upgrade = {};
  }
  http::normalise_path(x.request.path, x.path);
  const serving::Route* route = connection_.listener.route_for(x.path);
  if (route == nullptr) {
    const After after = co_await answer(x, 404, "No route leads there", has_body);
    co_return after;
  }
  learn_client(x);
  ExchangeEnd end = co_await forward(x, *route);
  const After after = co_await finish(x, end);
  if (!end.client_gone || end.answered) {
    route->metrics->request(static_cast<int>(end.status), net::Clock::now() - started);
    connection_.listener.metrics->auth_failure(connection_.who.type, static_cast<int>(end.status));
  }
  co_return after;
}

void HttpSession::learn_client(const Exchange& x) {
  // Who tells it at all tells it with the first requests: the others need not be searched.
  constexpr int kMostLookedAt = 4;
  if (connection_.client.session() == nullptr || !connection_.state->learn_clients ||
      requests_looked_at_ == kMostLookedAt) {
    return;
  }
  ++requests_looked_at_;
  const http::Field* const user_agent = x.request.find("User-Agent");
  const auto told =
      clients::told_by(user_agent != nullptr ? user_agent->value : std::string_view(), x.path);
  if (!told) {
    return;
  }
  requests_looked_at_ = kMostLookedAt;
  connection_.worker.services.clients.learned.learn(connection_.peer_address(), connection_.hello,
                                                    *told);
  if (connection_.who.confidence != clients::Confidence::configured) {
    connection_.who = {*told, clients::Confidence::high, "told"};
  }
}

asio::awaitable<HttpSession::Head> HttpSession::read_head(Exchange& x) {
  connection_.deadline.expires_after(connection_.listener.timeouts.head);
  for (;;) {
    const std::string_view received = x.from_client.bytes();
    const http::Scan scan = x.request_scanner.scan(received);
    http::Parsed parsed;
    if (scan.state == http::Scan::State::complete) {
      parsed = http::parse_request(received.substr(0, scan.bytes), http::HeadLimits{}, x.request);
      x.from_client.consume(scan.bytes);
      if (parsed) {
        // Its time is over, also when it passed just now: connecting has limits of its own.
        connection_.deadline.clear();
        connection_.client.resume();
        co_return Head::parsed;
      }
    } else if (scan.state == http::Scan::State::bad) {
      parsed = tl::unexpected(scan.fault);
    } else if (x.from_client.full()) {
      parsed = tl::unexpected(http::HeadFault::head_too_big);
    }
    if (!parsed) {
      x.request.clear();  // what is in it is half a request: our answer must not depend on it
      co_await answer(x, http::status_of(parsed.error()), http::text_of(parsed.error()), true);
      co_return Head::refused;
    }
    const IoError error =
        co_await x.from_client.fill(connection_.client, connection_.worker.loop.buffers);
    if (error == IoError::cancelled && connection_.deadline.expired() &&
        !x.request_scanner.untouched()) {
      co_await answer(x, 408, "The head of the request did not arrive in time", true);
      co_return Head::refused;
    }
    if (error != IoError::none) {
      co_return Head::ended;
    }
    report_.used();
  }
}

asio::awaitable<ExchangeEnd> HttpSession::forward(Exchange& x, const serving::Route& route) {
  x.client_address = connection_.peer.address().to_string();
  for (bool retried = false;; retried = true) {
    const bool reused = link_.usable_for(*route.upstream);
    if (!reused) {
      if (link_.pinned() && link_.is_open_to(*route.upstream)) {
        // The identity that the client proved is gone with its connection: it must know, and prove
        // it again.
        link_.close();
        ExchangeEnd lost;
        lost.client_gone = true;
        co_return lost;
      }
      const LinkFailure failure = co_await link_.open(*route.upstream);
      if (failure.status != 0) {
        ExchangeEnd end;
        end.status = failure.status;
        end.text = failure.text;
        end.request_unread = x.request.framing.kind != http::Framing::Kind::none;
        co_return end;
      }
    }
    HttpExchange exchange(connection_, link_, reused, x);
    ExchangeEnd end = co_await exchange.run();
    if (!end.link_was_stale || retried || end.identity_lost ||
        x.request.framing.kind != http::Framing::Kind::none ||
        !http::is_idempotent(x.request.method)) {
      co_return end;
    }
  }
}

asio::awaitable<HttpSession::After> HttpSession::finish(Exchange& x, const ExchangeEnd& end) {
  if (end.client_gone || (end.answered && !end.complete)) {
    co_return After::abort;
  }
  if (!end.answered) {
    const After after =
        co_await answer(x, end.status, end.text, end.request_unread || end.identity_lost);
    co_return after;
  }
  co_return end.keep_alive && !end.identity_lost ? After::keep : After::linger;
}

namespace {

// IMF-fixdate (RFC 9110 5.6.7).
std::string_view date_now(std::array<char, 32>& text) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  const auto n = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), n};
}

}  // namespace

asio::awaitable<HttpSession::After> HttpSession::answer(Exchange& x, unsigned status,
                                                        std::string_view text, bool close) {
  close = close || connection_.draining() || !x.request.keep_alive;
  std::array<char, 32> date{};
  http::SimpleResponse response;
  response.status = status;
  response.text = text;
  response.close = close;
  response.body = !x.request.is_head();
  response.client_version = x.request.version;
  response.date = date_now(date);
  http::write_simple_response(response, x.to_client);
  connection_.deadline.expires_after(connection_.listener.timeouts.idle);
  const IoError error = co_await connection_.client.write_all(x.to_client);
  if (error != IoError::none) {
    co_return After::abort;
  }
  co_return close ? After::linger : After::keep;
}

}  // namespace chainmend::session
