// HttpSession: the life of an HTTP/1 client connection: read a head, find its route, carry it to
// the upstream and the answer back, again. Between requests it holds the frames of run() and of
// the wait, and no buffer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/fault.h"
#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/handshake_report.h"
#include "proxy/session/http_exchange.h"
#include "proxy/session/upstream_link.h"

namespace chainmend::session {

// What a client is told that there is no room for, and after how many seconds it may ask again.
inline constexpr unsigned kRoomAgain = 5;
inline constexpr std::string_view kNoRoom = "Too many connections are open here; try again soon";

class HttpSession {
 public:
  // Both must outlive run().
  HttpSession(Connection& connection, HandshakeReport& report)
      : connection_(connection), report_(report), link_(connection) {}

  net::Task<void> run();
  // Tells the first request that there is no room, and ends.
  net::Task<void> turn_away();

 private:
  enum class After { keep, close, linger, abort };
  enum class Head { parsed, refused, ended };
  // An answer of our own.
  struct Reply {
    unsigned status = 0;
    std::string_view text;
    std::string_view location = {};
    bool close = false;
    unsigned retry_after = 0;  // seconds; 0: not told
  };

  void begin_idling(bool first);
  // Waiting of a client whose identity is bound to a link: it ends with that link.
  net::Task<net::IoError> wait_with_link();
  static void look_at_link(void* self);
  // After an answer that came instead of leave to send a body: reads that body, if it comes.
  net::Task<bool> settle_withheld(Exchange& x);
  net::Task<After> serve_one(Exchange& x);
  // The request is over: counts and logs it.
  void conclude(const Exchange& x, const serving::Route* route, const ExchangeEnd& end);
  net::Task<Head> read_head(Exchange& x);
  // Learns who calls, where this request tells it.
  void learn_client(const Exchange& x);
  net::Task<ExchangeEnd> obey(Exchange& x, const serving::Route& route);
  net::Task<ExchangeEnd> forward(Exchange& x, const serving::Route& route);
  // The end of a request that goes no further.
  static ExchangeEnd refusal(Exchange& x, unsigned status, std::string_view text = {});
  static ExchangeEnd redirect(Exchange& x, const serving::Route& route);
  net::Task<After> finish(Exchange& x, const ExchangeEnd& end);
  net::Task<After> answer(Exchange& x, Reply reply);

  Connection& connection_;
  HandshakeReport& report_;
  UpstreamLink link_;
  int requests_looked_at_ = 0;
  bool certificate_missed_ = false;  // a route required one, which is in the log
  bool first_ = true;                // the first request is still to come to its end
  // The body that was announced, and then neither asked for nor, so far, sent.
  struct Withheld {
    http::Framing framing;
    std::string method;
  };
  std::optional<Withheld> withheld_;
  net::Deadline* next_look_ = nullptr;  // at the link
};

}  // namespace chainmend::session
