// Exchange: the working memory of one request and its answer. A worker keeps a few for reuse, so
// that a kept-alive request allocates nothing and an idle connection holds none of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/http/body.h"
#include "proxy/http/head.h"
#include "proxy/http/head_scanner.h"
#include "proxy/http/rewrite.h"
#include "proxy/net/deadline.h"
#include "proxy/net/read_buffer.h"

namespace chainmend::session {

// What the log of requests tells of one beside its heads.
struct Noted {
  net::Clock::time_point started;
  std::string_view route = {};  // its label
  std::string_view upstream = {};
  std::string_view server = {};
  bool upstream_reused = false;
  std::uint64_t bytes_in = 0;  // of bodies
  std::uint64_t bytes_out = 0;
  std::optional<std::chrono::nanoseconds> connect, tls, first_byte;
};

struct Exchange {
  net::ReadBuffer from_client;  // may end with the next, pipelined request
  net::ReadBuffer from_upstream;
  http::RequestHead request;
  http::ResponseHead response;
  http::HeadScanner request_scanner{http::HeadKind::request};
  http::HeadScanner response_scanner{http::HeadKind::response};
  http::BodyRelay request_body;
  http::BodyRelay response_body;
  std::string to_upstream;  // a head on its way out, with the body bytes that were at hand
  std::string to_client;
  std::string scratch_up;  // re-framed body bytes
  std::string scratch_down;
  std::string path;  // normalised, for routing
  std::string client_address;
  std::string request_id;
  std::string location;  // of a redirect
  std::string date;
  std::vector<http::FieldChange> identity;  // of the client's certificate
  Noted noted;

  // Forgets the message, keeps the memory and what the client has pipelined.
  void begin(const http::HeadLimits& limits) {
    from_upstream.clear();
    request.clear();
    response.clear();
    request_id.clear();
    noted = {};
    request_scanner.reset(limits);
    response_scanner.reset(limits);
  }
};

class ExchangePool {
 public:
  static constexpr std::size_t kKept = 64;

  std::unique_ptr<Exchange> take() {
    if (free_.empty()) {
      return std::make_unique<Exchange>();
    }
    auto exchange = std::move(free_.back());
    free_.pop_back();
    return exchange;
  }
  void put(std::unique_ptr<Exchange> exchange) {
    exchange->from_client.clear();
    exchange->from_upstream.clear();
    if (free_.size() < kKept) {
      free_.push_back(std::move(exchange));
    }
  }

 private:
  std::vector<std::unique_ptr<Exchange>> free_;
};

}  // namespace chainmend::session
