// ask(): says one ClientHello of our own making to a server and reads what it answers in the clear.
// No handshake is completed, so it also tells of what this OpenSSL cannot speak (RC4, 3DES, SSL 3):
// the ServerHello shows what was accepted.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "certs/bytes.h"
#include "certs/result.h"
#include "proxy/enums/names.h"
#include "proxy/net/name_lookup.h"
#include "proxy/tls/handshake_outcome.h"
#include "proxy/tls/server_flight.h"

namespace chainmend::diagnose {

struct Answer {
  enum class Kind : std::uint8_t {
    hello,    // a ServerHello
    alert,    // a fatal one, or the end of the connection announced by one
    closed,   // the connection ended without a word
    reset,    // likewise, with RST
    silent,   // nothing came in time
    not_tls,  // something came, and it is no TLS: see banner
  };
  Kind kind = Kind::silent;
  std::optional<tls::ServerHello> hello;
  tls::ServerList certificates;  // up to TLS 1.2
  std::optional<tls::KeyExchange> key_exchange;
  std::optional<tls::CertificateRequest> client_certificate;  // up to TLS 1.2: asked for
  bool whole = false;  // its part of the flight came to its end, as far as it can be seen
  std::optional<tls::Alert> alert;
  std::string banner;                           // the first bytes that came, at most kMaxBanner
  std::chrono::microseconds connected_after{};  // from the start of the connection attempt
  std::chrono::microseconds answered_after{};   // from then to the end of the answer

  static constexpr std::size_t kMaxBanner = 64;
  bool accepted() const { return kind == Kind::hello; }
};

inline constexpr enums::Names<Answer::Kind> kAnswerNames{"accepted", "alert",  "closed",
                                                         "reset",    "silent", "not_tls"};
constexpr const char* to_string(Answer::Kind kind) { return kAnswerNames[kind]; }

// How long one question may take, and who may end it early.
struct Patience {
  net::TimePoint until;
  std::stop_token stop;
};

// The error: no connection was made (refused, unreachable, too slow). Reads at most kMaxFlight
// bytes.
certs::Result<Answer> ask(const boost::asio::ip::tcp::endpoint& server, certs::ByteView hello,
                          const Patience& patience);

// What was seen instead of TLS, of an answer that is neither a hello nor an alert: "what answers on
// this port is plain HTTP", SSH, SMTP, which wants STARTTLS, silence, a reset ...; without full
// stop.
std::string told_instead_of_tls(const Answer& answer);

}  // namespace chainmend::diagnose
