// HttpExchange: one request carried to an upstream and its answer carried back, both at the same
// time where the request has a body, so that long uploads, early answers and 100-continue work as
// if nobody stood between.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/net/pace.h"
#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/relay_body.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

// How an exchange ended: what the session has to know to go on.
struct ExchangeEnd {
  enum class Answer {
    none,   // the client has got nothing: we owe it an answer of `status`
    cut,    // it got the beginning of one, and must see that something is missing
    whole,  // all of it is out
  };
  enum class Request {
    read,      // to its end
    withheld,  // the client waits for leave to send the body, and has not begun: see withheld.h
    unread,    // the body, or the rest of it, may still come
  };
  enum class Link {
    sound,          // it is fit for another request, or was closed and nothing was lost with it
    stale,          // a reused one that died before it said anything: another may do
    identity_lost,  // the client's identity was bound to it: the client's connection must end too
  };

  unsigned status = 0;         // the final one that the client got, or must get
  std::string_view text = {};  // for the answer that we owe
  std::string_view location = {};
  unsigned retry_after = 0;  // seconds; 0: not told
  Answer answer = Answer::none;
  Request request = Request::read;
  Link link = Link::sound;
  bool keep_alive = false;  // after a whole answer: the client's connection can take a request
  bool client_gone = false;
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
  // How far the answer has come. In this order.
  enum class Answer { none, heard, final_sent, switched };
  // Leave to send the body, for a client that expects 100 Continue (RFC 9110 10.1.1).
  enum class Leave {
    not_awaited,
    awaited,
    overdue,  // the server has been silent for continue_after: we are about to give it
    given,
    refused,  // a final answer went to the client instead
  };
  enum class Failure { none, closed, timed_out, bad_answer, client_gone };

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
  void write_final_head();
  net::Task<void> tunnel();
  void fail(Failure why, std::string_view detail);
  bool is_final_sent() const { return answer_ >= Answer::final_sent; }
  // The client announced a body, waits for leave to send it, and has not got any.
  bool waits_for_body() const;
  void set_leave(Leave leave);
  // The cookie that brings the client back to this server, where it has not got it, or nothing.
  std::string_view cookie_to_set() const;
  // Our name for Via, or nothing.
  std::string_view via() const;
  ExchangeEnd conclude();
  ExchangeEnd::Request request_at_end(ExchangeEnd::Answer answer) const;
  void blame(ExchangeEnd& end);
  void note_slowness();

  static void on_silence(void* self);
  static void look_for_client(void* self);

  Connection& connection_;
  const serving::Route& route_;
  UpstreamLink& link_;
  Exchange& x_;
  RelayEnd upload_;
  RelayEnd download_;
  Answer answer_ = Answer::none;
  Leave leave_ = Leave::not_awaited;
  Failure failure_ = Failure::none;
  std::string_view detail_;  // of the failure, for the log
  bool keep_alive_ = false;  // as told to the client
  int interims_ = 0;
  std::optional<net::Deadline> grace_;  // of the upload, once the answer is out; no byte pushes it
  std::optional<net::Deadline> silence_;
  std::optional<net::Pace> upload_pace_;  // of the client, where it has to keep one
  std::optional<net::Pace> download_pace_;
  net::Clock::time_point asked_at_;         // the request's head was sent
  std::optional<net::Deadline> next_look_;  // whether the client is still there
};

}  // namespace chainmend::session
