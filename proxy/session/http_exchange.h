// HttpExchange: one request carried to an upstream and its answer carried back, both at the same
// time where the request has a body, so that long uploads, early answers and 100-continue work as
// if nobody stood between.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string_view>

#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/relay_body.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

struct ExchangeEnd {
  unsigned status = 0;    // final status that the client got, or must get: see `answered`
  std::string_view text;  // for the answer that we owe
  bool answered = false;  // the answer's head is out; false: nothing is, and we owe one of status
  bool complete = false;  // the whole answer is out; if only `answered`, the client must see a cut
  bool keep_alive = false;      // the client's connection can take another request
  bool request_unread = false;  // the request's body was not read to its end
  bool client_gone = false;
  bool identity_lost =
      false;  // the link was pinned and is gone: so must be the client's connection
  bool link_was_stale = false;  // a reused link died before it said anything: another may do
};

class HttpExchange {
 public:
  // All must outlive run(); link is open. reused: it has carried a request before, so that its end
  // before an answer is no fault of the server.
  HttpExchange(Connection& connection, UpstreamLink& link, bool reused, Exchange& exchange)
      : connection_(connection), link_(link), reused_(reused), x_(exchange) {}

  // Leaves the link open only when it is fit for another request.
  boost::asio::awaitable<ExchangeEnd> run();

 private:
  enum class Upstream { ok, closed, timed_out, bad_answer, client_write_failed };

  boost::asio::awaitable<net::IoError> send_request_head();
  boost::asio::awaitable<void> send_request_body();
  boost::asio::awaitable<void> bring_answer();
  boost::asio::awaitable<bool> read_answer_head();
  boost::asio::awaitable<bool> forward_interim();
  boost::asio::awaitable<void> forward_final();
  boost::asio::awaitable<void> tunnel();
  void fail(Upstream why, std::string_view detail);
  bool waits_for_body() const;
  ExchangeEnd conclude();
  void blame(ExchangeEnd& end);

  net::Clock::duration patience() const { return connection_.listener.timeouts.idle; }

  Connection& connection_;
  UpstreamLink& link_;
  const bool reused_;
  Exchange& x_;
  RelayEnd upload_;
  RelayEnd download_;
  Upstream upstream_ = Upstream::ok;
  std::string_view detail_;
  bool heard_ = false;      // the upstream has said something
  bool continued_ = false;  // a 100 went to the client
  bool answered_ = false;
  bool tunnelled_ = false;
  bool keep_alive_ = false;  // as told to the client
  int interims_ = 0;
  std::optional<net::Deadline> grace_;  // of the upload, once the answer is out; no byte pushes it
};

}  // namespace chainmend::session
