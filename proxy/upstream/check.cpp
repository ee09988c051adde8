#include "proxy/upstream/check.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "proxy/net/http_answer.h"
#include "proxy/upstream/connect.h"

namespace chainmend::upstream {

using metrics::CheckOutcome;
using net::Clock;
using net::IoError;

namespace {

constexpr std::size_t kMostRead = std::size_t{64} * 1024;

CheckResult failed(CheckOutcome outcome, std::string detail) {
  return {outcome, std::move(detail)};
}

CheckResult failed(const ConnectFailure& failure) {
  switch (failure.reason) {
    case metrics::UpstreamFailure::tls:
      return failed(CheckOutcome::tls, failure.text);
    case metrics::UpstreamFailure::timeout:
      return failed(CheckOutcome::timeout, failure.text);
    case metrics::UpstreamFailure::connect:
    case metrics::UpstreamFailure::reset:
    case metrics::UpstreamFailure::protocol:
      break;
  }
  return failed(CheckOutcome::connect, failure.text);
}

CheckResult failed(IoError error, const char* doing) {
  if (error == IoError::cancelled) {
    return failed(CheckOutcome::timeout, std::string("did not answer in time, ") + doing);
  }
  return failed(CheckOutcome::closed, std::string(to_string(error)) + ", " + doing);
}

bool is_http(const config::Health& health) {
  return health.type == config::HealthType::http || health.type == config::HealthType::https;
}

std::string host_of(const config::Health& health, const Peer& peer) {
  if (!health.host.empty()) {
    return health.host;
  }
  const std::string& name = peer.server_name;
  return name.find(':') == std::string::npos ? name : '[' + name + ']';
}

std::string request_of(const config::Health& health, const Peer& peer, Scopes scope) {
  return health.method + ' ' + path_of_check(health, scope) +
         " HTTP/1.1\r\nHost: " + host_of(health, peer) +
         "\r\nUser-Agent: chainmend-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

// What is wrong with the head of an answer; ok: nothing.
CheckResult judge_head(const config::Health& health, const net::HttpAnswer& answer,
                       const std::string& path) {
  if (!is_expected(health.expect, answer.status())) {
    return failed(CheckOutcome::status, "answered " + std::to_string(answer.status()) + " to " +
                                            health.method + ' ' + path);
  }
  const std::string& name = health.expect.header_name;
  if (!name.empty() &&
      answer.field(name).find(health.expect.header_value) == std::string_view::npos) {
    return failed(CheckOutcome::header, "the field " + name + " of its answer to " + path +
                                            " does not say what is expected");
  }
  return {};
}

net::Task<CheckResult> ask_http(net::Stream& stream, const config::Health& health, const Peer& peer,
                                Scopes scope) {
  const std::string path = path_of_check(health, scope);
  const IoError sent = co_await stream.write_all(request_of(health, peer, scope));
  if (sent != IoError::none) {
    co_return failed(sent, "while it was asked");
  }
  net::HttpAnswer answer(kMostRead, health.method == "HEAD");
  std::array<std::uint8_t, 4096> bytes{};
  for (bool judged = false;;) {
    const net::IoResult read = co_await stream.read_some(bytes);
    // Many a server ends TLS without a close_notify.
    const bool over = read.error == IoError::eof || read.error == IoError::truncated;
    if (read.error != IoError::none && !over) {
      co_return failed(read.error, "while it answered");
    }
    const auto put = over ? answer.end() : answer.put(certs::ByteView(bytes).first(read.n));
    if (!answer.head_done()) {
      if (over || !put) {
        co_return failed(over ? CheckOutcome::closed : CheckOutcome::protocol,
                         over ? "closed without an answer" : put.error().text);
      }
      continue;
    }
    if (!std::exchange(judged, true)) {
      CheckResult head = judge_head(health, answer, path);
      if (!head.ok() || health.expect.body.empty()) {
        co_return head;
      }
    }
    if (answer.body_so_far().find(health.expect.body) != std::string_view::npos) {
      co_return CheckResult();
    }
    if (over || !put || answer.done()) {
      co_return failed(CheckOutcome::body,
                       "its answer to " + path + " does not hold what is expected");
    }
  }
}

net::Task<CheckResult> ask_plainly(net::Stream& stream, const config::Health& health) {
  const IoError sent = co_await stream.write_all(health.send);
  if (sent != IoError::none) {
    co_return failed(sent, "while it was asked");
  }
  std::string said;
  std::array<std::uint8_t, 4096> bytes{};
  while (said.find(health.expect.body) == std::string::npos) {
    if (said.size() >= kMostRead) {
      co_return failed(CheckOutcome::body, "what it says does not hold what is expected");
    }
    const net::IoResult read = co_await stream.read_some(bytes);
    if (read.error == IoError::eof) {
      co_return failed(CheckOutcome::body, "closed without saying what is expected");
    }
    if (read.error != IoError::none) {
      co_return failed(read.error, "before it said what is expected");
    }
    said.append(certs::as_text(certs::ByteView(bytes).first(read.n)));
  }
  co_return CheckResult();
}

}  // namespace

std::string path_of_check(const config::Health& health, Scopes scope) {
  return scope == kWhole ? health.path : std::string(directory_of(scope)) + "/healthcheck.htm";
}

bool is_expected(const config::HealthExpectation& expected, unsigned status) {
  if (expected.status.empty()) {
    return status >= 200 && status < 400;
  }
  return std::ranges::any_of(expected.status, [status](const auto& range) {
    return range.first <= status && status <= range.second;
  });
}

net::Task<CheckResult> check(net::Loop& loop, const Upstream& upstream, const Peer& peer,
                             Scopes scope) {
  const config::Health& health = *upstream.health;
  const auto until = Clock::now() + health.timeout;
  std::string preamble;
  net::append_local_header(upstream.proxy_header, preamble);
  Attempt attempt = co_await connect_to(loop, peer, {health.timeout, health.timeout}, preamble,
                                        health.type == config::HealthType::tcp);
  if (!attempt.stream) {
    co_return failed(attempt.failure);
  }
  net::Stream stream = std::move(*attempt.stream);
  net::Deadline deadline(
      loop.deadlines, [](void* s) { static_cast<net::Stream*>(s)->cancel(); }, &stream);
  deadline.expires_at(until);
  CheckResult result;
  if (is_http(health)) {
    result = co_await ask_http(stream, health, peer, scope);
  } else {
    result = co_await ask_plainly(stream, health);
  }
  stream.close();
  co_return result;
}

}  // namespace chainmend::upstream
