#include "proxy/session/http_session.h"

#include <utility>

#include "proxy/clients/evidence.h"
#include "proxy/http/codec1.h"
#include "proxy/http/cookie.h"
#include "proxy/http/date.h"
#include "proxy/http/simple_response.h"
#include "proxy/http/status.h"
#include "proxy/http/target.h"
#include "proxy/http/withheld.h"
#include "proxy/session/linger.h"
#include "proxy/session/log_request.h"
#include "proxy/session/missing_certificate.h"

namespace chainmend::session {

using net::IoError;

namespace {

// How long a body may take that nobody wants any more.
constexpr std::chrono::seconds kBodyGrace{5};
constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

net::Task<void> HttpSession::run() {
  After after = After::keep;
  std::unique_ptr<Exchange> exchange;
  for (bool first = true; after == After::keep; first = false) {
    if (!exchange) {
      // A coroutine of its own for this would be memory of each idle connection.
      IoError error = IoError::cancelled;
      begin_idling(first);
      const bool over = connection_.draining() && !first;
      if (link_.pinned() && !over) {
        error = co_await wait_with_link();
      } else if (!over) {
        error = co_await connection_.client.wait_readable();
      }
      connection_.set_waiting(Waiting::busy);
      if (error != IoError::none) {
        break;
      }
      exchange = connection_.worker.exchanges.take();
    }
    after = co_await serve_one(*exchange);
    if (after != After::keep || exchange->from_client.empty()) {
      link_.give_back();
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

net::Task<void> HttpSession::turn_away() {
  const std::unique_ptr<Exchange> exchange = connection_.worker.exchanges.take();
  exchange->begin(connection_.listener.limits);
  exchange->noted.started = net::Clock::now();
  const Head head = co_await read_head(*exchange);
  if (head == Head::parsed) {
    ExchangeEnd end;
    end.status = 503;
    co_await answer(
        *exchange,
        {.status = end.status, .text = kNoRoom, .close = true, .retry_after = kRoomAgain});
    conclude(*exchange, nullptr, end);
  }
  if (head != Head::ended) {
    co_await linger(connection_);
  }
  connection_.client.close();
}

void HttpSession::begin_idling(bool first) {
  const auto& timeouts = connection_.listener.timeouts;
  const auto patience = first ? timeouts.head : timeouts.keep_alive;
  connection_.deadline.expires_after(
      connection_.draining() ? std::min<net::Clock::duration>(patience, ConnectionSet::kLastRequest)
                             : patience);
  connection_.fresh = first;
  connection_.set_waiting(Waiting::idle);
}

net::Task<IoError> HttpSession::wait_with_link() {
  net::Deadline look(connection_.worker.loop.deadlines, &HttpSession::look_at_link, this);
  look.expires_after(kLookEvery);
  next_look_ = &look;
  const IoError error = co_await connection_.client.wait_readable();
  next_look_ = nullptr;
  co_return error;
}

// The client learns at once that its identity is gone. If it found out only with its next request,
// it might not dare to send that one again.
void HttpSession::look_at_link(void* self) {
  auto& session = *static_cast<HttpSession*>(self);
  if (session.link_.fit()) {
    session.next_look_->expires_after(kLookEvery);
  } else {
    session.connection_.client.cancel();
  }
}

net::Task<HttpSession::After> HttpSession::serve_one(Exchange& x) {
  x.begin(connection_.listener.limits);
  x.noted.started = net::Clock::now();
  if (withheld_) {
    const bool settled = co_await settle_withheld(x);
    if (!settled || x.from_client.empty()) {
      co_return settled ? After::keep : After::close;
    }
  }
  const Head head = co_await read_head(x);
  if (head != Head::parsed) {
    co_return head == Head::refused ? After::linger : After::close;
  }
  if (x.request.max_forwards == 0) {
    const bool options = x.request.method == "OPTIONS";
    const ExchangeEnd end = refusal(x, options ? 200 : 405, "This is as far as it goes");
    const After after = co_await finish(x, end);
    conclude(x, nullptr, end);
    co_return after;
  }
  if (x.request.framing.kind == http::Framing::Kind::chunked || x.request.framing.length > 0) {
    // A 101 would have the tunnel and the upload read the client at the same time: no upgrade.
    x.request.upgrade = {};
  }
  // "*" asks about the server as a whole (RFC 9110 9.3.7): whatever answers for its root.
  http::normalise_path(x.request.path == "*" ? "/" : x.request.path, x.path);
  const serving::Route* route =
      connection_.listener.route_for(x.path, x.request.host, x.request.method);
  if (route == nullptr) {
    const ExchangeEnd end = refusal(x, 404, "No route leads there");
    const After after = co_await finish(x, end);
    conclude(x, nullptr, end);
    co_return after;
  }
  x.noted.route = route->name;
  learn_client(x);
  connection_.request = &x.request;
  const ExchangeEnd end = co_await obey(x, *route);
  connection_.request = nullptr;
  const After after = co_await finish(x, end);
  conclude(x, route, end);
  co_return after;
}

void HttpSession::conclude(const Exchange& x, const serving::Route* route, const ExchangeEnd& end) {
  if (route != nullptr && (!end.client_gone || end.answer != ExchangeEnd::Answer::none)) {
    route->metrics->request(static_cast<int>(end.status), net::Clock::now() - x.noted.started);
    connection_.listener.metrics->auth_failure(connection_.who.type, static_cast<int>(end.status));
  }
  log_request(connection_, x, end, std::exchange(first_, false));
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
  const tls::HandshakeTrace& trace = connection_.client.session()->trace();
  connection_.worker.services.clients.learned.learn(trace.peer, trace.ja4, *told);
  if (connection_.who.confidence != clients::Confidence::configured) {
    connection_.who = {*told, clients::Confidence::high, "told"};
  }
}

net::Task<bool> HttpSession::settle_withheld(Exchange& x) {
  const Withheld withheld = *std::exchange(withheld_, std::nullopt);
  net::BufferPool& buffers = connection_.worker.loop.buffers;
  connection_.deadline.expires_after(connection_.listener.timeouts.head);
  http::Withheld next = http::Withheld::undecided;
  for (;;) {
    next = http::look_at_withheld(x.from_client.bytes(), withheld.method);
    if (next != http::Withheld::undecided) {
      break;
    }
    const IoError error = co_await x.from_client.fill(connection_.client, buffers);
    if (error != IoError::none) {
      co_return false;
    }
  }
  if (next == http::Withheld::request) {
    co_return true;
  }
  connection_.deadline.expires_after(kBodyGrace);
  x.request_body.start(withheld.framing, http::Framing::none());
  for (;;) {
    const http::BodyStep step = x.request_body.step(x.from_client.bytes(), x.scratch_up);
    x.from_client.consume(step.consumed);
    if (step.done || step.fault) {
      co_return step.done;
    }
    const IoError error = co_await x.from_client.fill(connection_.client, buffers);
    if (error != IoError::none) {
      co_return false;
    }
  }
}

net::Task<HttpSession::Head> HttpSession::read_head(Exchange& x) {
  const http::HeadLimits& limits = connection_.listener.limits;
  connection_.deadline.expires_after(connection_.listener.timeouts.head);
  for (;;) {
    const std::string_view received = x.from_client.bytes();
    const http::Scan scan = x.request_scanner.scan(received);
    http::Parsed parsed;
    if (scan.state == http::Scan::State::complete) {
      parsed = http::parse_request(received.substr(0, scan.bytes), limits, x.request);
      x.from_client.consume(scan.bytes);
      if (parsed) {
        // The head's deadline must not end what follows, also when it has passed this very moment
        // and its cancel() is still to be seen: connecting to a server has limits of its own.
        connection_.deadline.clear();
        connection_.client.resume();
        co_return Head::parsed;
      }
    } else if (scan.state == http::Scan::State::bad) {
      parsed = tl::unexpected(scan.fault);
    }
    if (!parsed) {
      x.request.clear();  // what is in it is half a request: our answer must not depend on it
      ExchangeEnd end;
      end.status = http::status_of(parsed.error());
      co_await answer(x, {end.status, http::text_of(parsed.error()), {}, true});
      conclude(x, nullptr, end);
      co_return Head::refused;
    }
    net::BufferPool& buffers = connection_.worker.loop.buffers;
    x.from_client.make_room(limits.bytes, buffers);
    const IoError error = co_await x.from_client.fill(connection_.client, buffers);
    if (error == IoError::cancelled && connection_.deadline.expired() &&
        !x.request_scanner.untouched()) {
      ExchangeEnd end;
      end.status = 408;
      co_await answer(x, {end.status, "The head of the request did not arrive in time", {}, true});
      conclude(x, nullptr, end);
      co_return Head::refused;
    }
    if (error != IoError::none) {
      co_return Head::ended;
    }
    report_.used();
  }
}

net::Task<ExchangeEnd> HttpSession::obey(Exchange& x, const serving::Route& route) {
  ExchangeEnd end;
  if (route.requires_certificate && connection_.client_certificates().empty()) {
    if (!std::exchange(certificate_missed_, true)) {
      log_missing_certificate(connection_, route);
    }
    end = refusal(x, 403, "A client certificate is needed here");
  } else if (route.redirect) {
    end = redirect(x, route);
  } else if (route.upstream == nullptr) {
    end = refusal(x, route.status);
  } else if (x.request.framing.kind == http::Framing::Kind::length &&
             x.request.framing.length > route.max_body) {
    end = refusal(x, 413, "The body of the request is bigger than is allowed here");
  } else {
    end = co_await forward(x, route);
  }
  co_return end;
}

ExchangeEnd HttpSession::refusal(Exchange& x, unsigned status, std::string_view text) {
  ExchangeEnd end;
  end.status = status;
  end.text = text;
  if (x.request.framing.kind != http::Framing::Kind::none) {
    const bool withheld = x.request.expects_continue && x.from_client.empty();
    end.request = withheld ? ExchangeEnd::Request::withheld : ExchangeEnd::Request::unread;
  }
  return end;
}

ExchangeEnd HttpSession::redirect(Exchange& x, const serving::Route& route) {
  const config::Redirect& to = *route.redirect;
  const std::string_view host = to.host.empty() ? x.request.host : std::string_view(to.host);
  if (host.empty()) {
    return refusal(x, 400, "Without a Host there is nowhere to go");
  }
  x.location.assign(to.scheme).append("://").append(host);
  if (!to.path.empty()) {
    x.location.append(to.path);
  } else if (x.request.form != http::TargetForm::asterisk && x.request.path != "*") {
    x.location.append(x.request.path).append(x.request.query);
  }
  ExchangeEnd end = refusal(x, route.status);
  end.location = x.location;
  return end;
}

net::Task<ExchangeEnd> HttpSession::forward(Exchange& x, const serving::Route& route) {
  x.noted.upstream = route.upstream->name;
  connection_.write_client_address(x.client_address);
  connection_.worker.request_ids.next(x.request_id);
  Asked asked;
  if (route.upstream->health && !route.upstream->health->directories.empty()) {
    asked.scopes = upstream::scopes_of_path(x.path);
  }
  if (!route.upstream->cookie_name.empty()) {
    asked.cookie = http::cookie_value(x.request, route.upstream->cookie_name);
  }
  for (bool retried = false;; retried = true) {
    if (retried || !link_.reuse(*route.upstream, asked)) {
      if (link_.pinned() && link_.is_open_to(*route.upstream)) {
        // The identity that the client proved is gone with its connection: it must know, and prove
        // it again.
        link_.close();
        ExchangeEnd lost;
        lost.client_gone = true;
        co_return lost;
      }
      const LinkFailure failure = co_await link_.open(*route.upstream, route.timeouts, asked);
      if (failure.status != 0) {
        ExchangeEnd end = refusal(x, failure.status, failure.text);
        end.retry_after = static_cast<unsigned>(failure.retry_after.count());
        end.client_gone = failure.client_gone;
        co_return end;
      }
    }
    if (!link_.reused()) {
      x.noted.connect = link_.times().connect;
      x.noted.tls = link_.times().handshake;
    }
    x.noted.server = link_.server().name();
    x.noted.upstream_reused = link_.reused();
    HttpExchange exchange(connection_, route, link_, x);
    ExchangeEnd end = co_await exchange.run();
    if (end.link != ExchangeEnd::Link::stale || retried ||
        x.request.framing.kind != http::Framing::Kind::none ||
        !http::is_idempotent(x.request.method)) {
      co_return end;
    }
  }
}

net::Task<HttpSession::After> HttpSession::finish(Exchange& x, const ExchangeEnd& end) {
  if (end.client_gone || end.answer == ExchangeEnd::Answer::cut) {
    co_return After::abort;
  }
  const bool identity_lost = end.link == ExchangeEnd::Link::identity_lost;
  After after = end.keep_alive && !identity_lost ? After::keep : After::linger;
  if (end.answer == ExchangeEnd::Answer::none) {
    const bool close = identity_lost || end.request == ExchangeEnd::Request::unread;
    after = co_await answer(x, {end.status, end.text, end.location, close, end.retry_after});
  }
  if (after == After::keep && end.request == ExchangeEnd::Request::withheld) {
    withheld_ = Withheld{x.request.framing, std::string(x.request.method)};
  }
  co_return after;
}

net::Task<HttpSession::After> HttpSession::answer(Exchange& x, Reply reply) {
  const bool close = reply.close || connection_.ending() || !x.request.keep_alive;
  x.date.clear();
  http::append_http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                         x.date);
  http::SimpleResponse response;
  response.status = reply.status;
  response.text = reply.text;
  response.location = reply.location;
  response.retry_after = reply.retry_after;
  response.close = close;
  response.body = !x.request.is_head();
  response.client_version = x.request.version;
  response.date = x.date;
  http::write_simple_response(response, x.to_client);
  connection_.deadline.expires_after(connection_.listener.timeouts.server_idle);
  const IoError error = co_await connection_.client.write_all(x.to_client);
  if (error != IoError::none) {
    co_return After::abort;
  }
  co_return close ? After::linger : After::keep;
}

}  // namespace chainmend::session
