// HttpExchange: one request carried to an upstream and its answer carried back, both at the same
// time where the request has a body, so that long uploads, early answers and 100-continue work as
// if nobody stood between.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/relay_body.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

struct ExchangeEnd {
  unsigned status = 0;    // final status that the client got, or must get: see `answered`
  std::string_view text;  // for the answer that we owe
  std::string_view location = {};
  bool answered = false;  // the answer's head is out; false: nothing is, and we owe one of status
  bool complete = false;  // the whole answer is out; if only `answered`, the client must see a cut
  bool keep_alive = false;  // the client's connection can take another request
  bool withheld = false;  // ... or the body, which the client has not begun to send: see withheld.h
  bool request_unread = false;  // the request's body was not read to its end
  bool client_gone = false;
  bool identity_lost =
      false;  // the link was pinned and is gone: so must be the client's connection
  bool link_was_stale = false;  // a reused link died before it said anything: another may do
};

class HttpExchange {
 public:
  // All must outlive run(); link is open.
  HttpExchange(Connection& connection, const serving::Route& route, UpstreamLink& link,
               Exchange& exchange)
      : connection_(connection), route_(route), link_(link), x_(exchange) {}

  // Leaves the link open only when it is fit for another request.
  net::Task<ExchangeEnd> run();

 private:
  enum class Upstream { ok, closed, timed_out, bad_answer, client_write_failed };

  void start_clocks();
  net::Task<net::IoError> send_request_head();
  net::Task<void> send_request_body();
  net::Task<void> bring_answer();
  net::Task<bool> read_answer_head();
  // After an error of reading it: true when it is worth another try.
  net::Task<bool> survive(net::IoError error);
  net::Task<bool> say_continue();
  net::Task<bool> forward_interim();
  net::Task<void> forward_final();
  net::Task<void> tunnel();
  void fail(Upstream why, std::string_view detail);
  bool waits_for_body() const;
  // Our name for Via, or nothing.
  std::string_view via() const;
  ExchangeEnd conclude();
  void blame(ExchangeEnd& end);

  static void on_silence(void* self);
  static void look_for_client(void* self);

  Connection& connection_;
  const serving::Route& route_;
  UpstreamLink& link_;
  Exchange& x_;
  RelayEnd upload_;
  RelayEnd download_;
  Upstream upstream_ = Upstream::ok;
  std::string_view detail_;
  bool heard_ = false;      // the upstream has said something
  bool continued_ = false;  // a 100 went to the client
  bool silent_ = false;     // the server has not answered the expectation for continue_after
  bool withheld_ = false;   // a final answer went to a client that waits for leave to send its body
  bool client_died_ = false;
  bool answered_ = false;
  bool tunnelled_ = false;
  bool keep_alive_ = false;  // as told to the client
  int interims_ = 0;
  std::optional<net::Deadline> grace_;  // of the upload, once the answer is out; no byte pushes it
  std::optional<net::Deadline> silence_;
  std::optional<net::Deadline> next_look_;  // whether the client is still there
};

}  // namespace chainmend::session
