#include "proxy/session/http_exchange.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

#include "proxy/http/auth_scheme.h"
#include "proxy/http/codec1.h"
#include "proxy/http/cookie.h"
#include "proxy/http/date.h"
#include "proxy/http/rewrite.h"
#include "proxy/net/tunnel.h"

namespace chainmend::session {

namespace asio = boost::asio;
using net::IoError;

namespace {

// An upstream that sends only interim answers would keep a request open for ever.
constexpr int kMaxInterims = 32;
// How long a client may go on sending a body whose answer is already complete.
constexpr std::chrono::seconds kUploadGrace{5};
constexpr std::chrono::seconds kLookEvery{1};

}  // namespace

net::Task<ExchangeEnd> HttpExchange::run() {
  using asio::experimental::awaitable_operators::operator&&;
  if (http::is_connection_bound(x_.request)) {
    link_.bind();
  } else if (http::may_bind_connection(x_.request)) {
    link_.keep_private();
  }
  if (http::is_spoilt_by_via(x_.request)) {
    link_.note_authentication();
  }
  start_clocks();
  const IoError error = co_await send_request_head();
  upload_.write_error = error;
  if (error == IoError::cancelled) {
    fail(Failure::timed_out, "did not take the request in time");
  } else if (error != IoError::none || x_.request_body.done()) {
    connection_.deadline.expires_after(route_.timeouts.response);
    co_await bring_answer();  // a server that closed early may have said why
  } else {
    co_await (send_request_body() && bring_answer());
  }
  grace_.reset();
  silence_.reset();
  next_look_.reset();
  note_slowness();
  x_.noted.bytes_in += x_.request_body.payload();
  if (is_final_sent() && answer_ != Answer::switched) {
    x_.noted.bytes_out += x_.response_body.payload();
  }
  connection_.client.resume();
  co_return conclude();
}

// RFC 9110 7.6.3 asks a gateway for Via in requests and leaves answers to it; both follow the same
// rule here. Where it does harm (http::is_spoilt_by_via) being of use comes first.
std::string_view HttpExchange::via() const {
  const bool wanted = route_.via == config::Via::on ||
                      (route_.via == config::Via::automatic && !link_.authenticates());
  return wanted ? http::kPseudonym : std::string_view();
}

std::string_view HttpExchange::cookie_to_set() const {
  const upstream::Peer& peer = link_.peer();
  if (peer.cookie.empty() ||
      http::cookie_value(x_.request, route_.upstream->cookie_name) == peer.cookie) {
    return {};
  }
  return connection_.listener.tls ? peer.set_cookie : peer.set_cookie_plain;
}

void HttpExchange::start_clocks() {
  net::DeadlineSet& deadlines = connection_.worker.loop.deadlines;
  next_look_.emplace(deadlines, &HttpExchange::look_for_client, this);
  next_look_->expires_after(kLookEvery);
  const bool body_comes =
      x_.request.framing.kind != http::Framing::Kind::none && !x_.request.expects_continue;
  connection_.deadline.expires_after(body_comes ? route_.timeouts.client_idle
                                                : route_.timeouts.response);
  leave_ = x_.request.expects_continue ? Leave::awaited : Leave::not_awaited;
  if (leave_ == Leave::awaited && route_.continue_after) {
    silence_.emplace(deadlines, &HttpExchange::on_silence, this);
    silence_->expires_after(*route_.continue_after);
  }
}

void HttpExchange::on_silence(void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (exchange.waits_for_body() && exchange.answer_ == Answer::none) {
    exchange.leave_ = Leave::overdue;
    exchange.link_.stream().cancel();  // bring_answer() speaks to the client, nobody else may
  }
}

// A long poll would keep a connection to the server for an hour for a client that left.
void HttpExchange::look_for_client(void* self) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (exchange.answer_ == Answer::switched) {
    return;
  }
  if (exchange.x_.request_body.done() && exchange.connection_.client.peer_gone()) {
    exchange.fail(Failure::client_gone, {});
    exchange.connection_.interrupt();
  } else {
    exchange.next_look_->expires_after(kLookEvery);
  }
}

net::Task<IoError> HttpExchange::send_request_head() {
  http::RequestRewrite rewrite;
  rewrite.client_address = x_.client_address;
  rewrite.proto = connection_.listener.tls ? "https" : "http";
  rewrite.port = connection_.local().port();
  rewrite.trust_client_claims = connection_.trusted;
  rewrite.forwarded = connection_.listener.forwarded;
  rewrite.request_id = x_.request_id;
  rewrite.default_host = link_.server().host();
  rewrite.via = via();
  rewrite.own_cookie = route_.upstream->cookie_name;
  rewrite.changes = route_.request_changes;
  rewrite.identity = route_.identity.write(connection_.client_certificates(), x_.identity);
  http::write_request_head(x_.request, rewrite, x_.to_upstream);
  http::BodyLimits limits;
  limits.payload = route_.max_body;
  x_.request_body.start(x_.request.framing, x_.request.framing, x_.request.connection_options,
                        limits);
  if (!x_.request_body.done() && !x_.from_client.empty()) {
    // What is already here of the body goes with the head, in one write.
    const http::BodyStep step = x_.request_body.step(x_.from_client.bytes(), x_.scratch_up);
    x_.to_upstream.append(step.out);
    x_.from_client.consume(step.consumed);
    upload_.fault = step.fault;
  }
  const IoError error = co_await link_.stream().write_all(x_.to_upstream);
  asked_at_ = net::Clock::now();
  co_return error;
}

net::Task<void> HttpExchange::send_request_body() {
  if (!upload_.fault) {
    if (route_.request_rate) {
      upload_pace_.emplace(connection_.worker.loop.deadlines, connection_.client,
                           net::Pace::Peer::sends, *route_.request_rate);
    }
    upload_ = co_await relay_body(
        {connection_.client, x_.from_client, link_.stream(), x_.scratch_up,
         connection_.worker.loop.buffers, connection_.deadline, route_.timeouts.client_idle,
         upload_pace_ ? &*upload_pace_ : nullptr, true},
        x_.request_body);
  }
  if (upload_.ok() && !is_final_sent()) {
    connection_.deadline.expires_after(route_.timeouts.response);
  }
  // A write error alone is no reason to stop: the server may have answered and closed. Nor is it
  // that the body was not wanted.
  if (upload_.fault || (leave_ != Leave::refused && upload_.read_error != IoError::none)) {
    link_.stream().cancel();
  }
}

net::Task<void> HttpExchange::bring_answer() {
  for (;;) {
    const bool parsed = co_await read_answer_head();
    if (!parsed) {
      break;
    }
    if (http::is_persistently_authenticated(x_.response)) {
      link_.bind();
    } else if (http::is_connection_bound(x_.response)) {
      link_.pin();
    }
    if (http::is_spoilt_by_via(x_.response)) {
      link_.note_authentication();
    }
    if (x_.response.status == 101) {
      co_await tunnel();
      co_return;
    }
    if (!x_.response.interim()) {
      co_await forward_final();
      break;
    }
    const bool forwarded = co_await forward_interim();
    if (!forwarded) {
      break;
    }
  }
  if (failure_ != Failure::none) {
    connection_.client.cancel();  // the upload has no reader any more
    link_.stream().cancel();
  } else if (leave_ == Leave::refused) {
    connection_.client.cancel();  // what comes now is for the session to look at
  } else if (!x_.request_body.done()) {
    grace_.emplace(
        connection_.worker.loop.deadlines,
        [](void* c) { static_cast<Connection*>(c)->interrupt(); }, &connection_);
    grace_->expires_after(kUploadGrace);
  }
}

net::Task<bool> HttpExchange::read_answer_head() {
  x_.response_scanner.reset(connection_.listener.limits);
  for (;;) {
    const std::string_view received = x_.from_upstream.bytes();
    const http::Scan scan = x_.response_scanner.scan(received);
    if (scan.state == http::Scan::State::complete) {
      const auto parsed = http::parse_response(
          received.substr(0, scan.bytes), connection_.listener.limits, x_.request, x_.response);
      x_.from_upstream.consume(scan.bytes);
      if (!parsed) {
        fail(Failure::bad_answer, http::text_of(parsed.error()));
      }
      co_return parsed.has_value();
    }
    if (scan.state == http::Scan::State::bad) {
      fail(Failure::bad_answer, http::text_of(scan.fault));
      co_return false;
    }
    net::BufferPool& buffers = connection_.worker.loop.buffers;
    x_.from_upstream.make_room(connection_.listener.limits.bytes, buffers);
    const IoError error = co_await x_.from_upstream.fill(link_.stream(), buffers);
    if (error != IoError::none) {
      const bool goes_on = co_await survive(error);
      if (!goes_on) {
        co_return false;
      }
      continue;
    }
    if (answer_ == Answer::none) {
      x_.noted.first_byte = net::Clock::now() - x_.noted.started;
      link_.server().counts().answered(net::Clock::now() - asked_at_);
    }
    answer_ = Answer::heard;
    connection_.deadline.expires_after(route_.timeouts.server_idle);
  }
}

net::Task<bool> HttpExchange::survive(IoError error) {
  const bool only_silent =
      leave_ == Leave::overdue && error == IoError::cancelled && !connection_.deadline.expired();
  if (only_silent) {
    const bool said = co_await say_continue();
    co_return said;
  }
  if (error == IoError::cancelled) {
    fail(Failure::timed_out, "did not answer in time");
  } else {
    fail(Failure::closed, answer_ == Answer::none ? "closed without an answer"
                                                  : "closed within the head of its answer");
  }
  co_return false;
}

// In the server's stead, which may say so later or not at all.
net::Task<bool> HttpExchange::say_continue() {
  const IoError error = co_await connection_.client.write_all("HTTP/1.1 100 Continue\r\n\r\n");
  leave_ = Leave::given;
  if (error != IoError::none) {
    fail(Failure::client_gone, {});
  }
  co_return error == IoError::none;
}

net::Task<bool> HttpExchange::forward_interim() {
  if (++interims_ > kMaxInterims) {
    fail(Failure::bad_answer, "too many interim answers");
    co_return false;
  }
  const http::ResponsePlan plan = http::plan_response(x_.request, x_.response, true);
  const bool said_already = leave_ == Leave::given && x_.response.status == 100;
  if (!plan.forward || said_already) {
    co_return true;
  }
  http::write_response_head(
      x_.response, {.client_version = x_.request.version, .framing = plan.framing}, x_.to_client);
  const IoError error = co_await connection_.client.write_all(x_.to_client);
  if (error != IoError::none) {
    fail(Failure::client_gone, {});
    co_return false;
  }
  if (x_.response.status == 100) {
    set_leave(Leave::given);
  }
  co_return true;
}

bool HttpExchange::waits_for_body() const {
  return (leave_ == Leave::awaited || leave_ == Leave::overdue) && !x_.request_body.done() &&
         x_.request_body.payload() == 0;
}

void HttpExchange::set_leave(Leave leave) {
  if (std::exchange(leave_, leave) == Leave::overdue) {
    link_.stream().resume();  // the server has spoken after all: on_silence() need not end a wait
  }
}

void HttpExchange::write_final_head() {
  // The server may still expect the withheld body, so its connection cannot be used again; the
  // client's can.
  const bool withheld = leave_ == Leave::refused;
  const bool identity_lost = withheld ? link_.bound() : link_.pinned() && !x_.response.keep_alive;
  const http::ResponsePlan plan =
      http::plan_response(x_.request, x_.response, !identity_lost && !connection_.ending());
  x_.date.clear();
  if (x_.response.find(http::FieldId::date) == nullptr) {
    http::append_http_date(
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), x_.date);
  }
  http::write_response_head(x_.response,
                            {.client_version = x_.request.version,
                             .framing = plan.framing,
                             .keep_alive = plan.keep_alive,
                             .via = via(),
                             .date = x_.date,
                             .set_cookie = cookie_to_set(),
                             .changes = route_.response_changes},
                            x_.to_client);
  keep_alive_ = plan.keep_alive;
  x_.response_body.start(x_.response.framing, plan.framing, x_.response.connection_options);
}

net::Task<void> HttpExchange::forward_final() {
  const bool refused = waits_for_body() && x_.from_client.empty();
  set_leave(refused ? Leave::refused : leave_);
  write_final_head();
  if (!x_.response_body.done()) {
    const http::BodyStep step = x_.response_body.step(x_.from_upstream.bytes(), x_.scratch_down);
    x_.to_client.append(step.out);
    x_.from_upstream.consume(step.consumed);
    download_.fault = step.fault;
  }
  answer_ = Answer::final_sent;
  if (!x_.response_body.done() && connection_.listener.answer_rate) {
    download_pace_.emplace(connection_.worker.loop.deadlines, connection_.client,
                           net::Pace::Peer::takes, *connection_.listener.answer_rate);
  }
  net::Pace* const pace = download_pace_ ? &*download_pace_ : nullptr;
  {
    const net::PacedWait wait(pace);
    download_.write_error = co_await connection_.client.write_all(x_.to_client);
  }
  if (download_.ok()) {
    download_ =
        co_await relay_body({link_.stream(), x_.from_upstream, connection_.client, x_.scratch_down,
                             connection_.worker.loop.buffers, connection_.deadline,
                             route_.timeouts.server_idle, pace, false},
                            x_.response_body);
  }
  if (download_.write_error != IoError::none) {
    fail(Failure::client_gone, {});
  } else if (download_.read_error == IoError::cancelled) {
    fail(Failure::timed_out, "stopped within its answer");
  } else if (!download_.ok()) {
    fail(Failure::closed, download_.fault ? http::text_of(*download_.fault)
                                          : std::string_view("closed within its answer"));
  }
}

net::Task<void> HttpExchange::tunnel() {
  answer_ = Answer::switched;
  http::write_response_head(x_.response, {.client_version = x_.request.version}, x_.to_client);
  x_.to_client.append(x_.from_upstream.bytes());
  x_.from_upstream.clear();
  const auto patience = std::max(route_.timeouts.client_idle, route_.timeouts.server_idle);
  connection_.deadline.expires_after(patience);
  IoError error = co_await connection_.client.write_all(x_.to_client);
  if (error == IoError::none && !x_.from_client.empty()) {
    error = co_await link_.stream().write_all(x_.from_client.bytes());
    x_.from_client.clear();
  }
  if (error == IoError::none) {
    const net::TunnelResult result =
        co_await net::tunnel(connection_.client, link_.stream(), connection_.worker.loop.buffers,
                             connection_.deadline, patience);
    x_.noted.bytes_in += result.up.bytes;
    x_.noted.bytes_out += result.down.bytes;
    if (result.ended()) {
      co_return;
    }
  }
  link_.stream().abort();
  fail(Failure::client_gone, {});  // either side: the client sees a cut
}

// What fails after the client has died fails because of that.
void HttpExchange::fail(Failure why, std::string_view detail) {
  if (failure_ != Failure::client_gone) {
    failure_ = why;
    detail_ = detail;
  }
}

}  // namespace chainmend::session
