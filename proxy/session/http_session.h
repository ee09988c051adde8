// HttpSession: the life of an HTTP/1 client connection: read a head, find its route, carry it to
// the upstream and the answer back, again. Between requests it holds one coroutine frame and no
// buffer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string_view>

#include "proxy/http/fault.h"
#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_exchange.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

class HttpSession {
 public:
  // Both must outlive run().
  HttpSession(Connection& connection, HandshakeReport& report)
      : connection_(connection), report_(report), link_(connection) {}

  boost::asio::awaitable<void> run();

 private:
  enum class After { keep, close, linger, abort };
  enum class Head { parsed, refused, ended };

  boost::asio::awaitable<bool> wait_for_request(bool first);
  boost::asio::awaitable<After> serve_one(Exchange& x);
  boost::asio::awaitable<Head> read_head(Exchange& x);
  // Learns who calls, where this request tells it.
  void learn_client(const Exchange& x);
  boost::asio::awaitable<ExchangeEnd> forward(Exchange& x, const serving::Route& route);
  boost::asio::awaitable<After> finish(Exchange& x, const ExchangeEnd& end);
  // Sends an answer of our own. close: it says so, and After tells how.
  boost::asio::awaitable<After> answer(Exchange& x, unsigned status, std::string_view text,
                                       bool close);

  Connection& connection_;
  HandshakeReport& report_;
  UpstreamLink link_;
  int requests_looked_at_ = 0;
};

}  // namespace chainmend::session
