#include "proxy/diagnose/probe/ask.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"
#include "proxy/net/timed_socket.h"
#include "proxy/tls/record_reader.h"

namespace chainmend::diagnose {
namespace {

using certs::ByteView;
using Clock = std::chrono::steady_clock;
using Kind = tls::RecordEvent::Kind;

// No honest server says more before the client's turn: 64 KiB of certificates, and 64 KiB of names
// of client certificate authorities.
constexpr std::size_t kMaxFlight = std::size_t{256} * 1024;
constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kCloseNotify = 0;

std::chrono::microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
}

// Fills an Answer from the server's bytes.
class Listener {
 public:
  explicit Listener(Answer& answer) : answer_(answer) {}

  // False: nothing more is of interest.
  bool take(ByteView bytes) {
    const std::size_t room = Answer::kMaxBanner - answer_.banner.size();
    answer_.banner.append(certs::as_text(bytes.first(std::min(room, bytes.size()))));
    for (;;) {
      const tls::RecordEvent event = reader_.next(bytes);
      switch (event.kind) {
        case Kind::none:
          return true;
        case Kind::broken:
          answer_.kind = answer_.hello ? Answer::Kind::hello : Answer::Kind::not_tls;
          return false;
        case Kind::alert:
          if (event.level == kFatal || event.code == kCloseNotify) {
            answer_.alert = tls::Alert{tls::AlertDirection::received, event.code};
            answer_.kind = answer_.hello ? Answer::Kind::hello : Answer::Kind::alert;
            return false;
          }
          break;
        case Kind::message:
          if (!note(event)) {
            return false;
          }
          break;
        case Kind::record:
          break;
      }
    }
  }

 private:
  bool note(const tls::RecordEvent& event) {
    const ByteView body = event.kept ? ByteView(reader_.body()) : ByteView();
    switch (event.message) {
      case tls::MessageType::server_hello:
        answer_.hello = tls::read_server_hello(body);
        answer_.kind = answer_.hello ? Answer::Kind::hello : Answer::Kind::not_tls;
        // What follows in TLS 1.3 is encrypted.
        answer_.whole = answer_.hello && answer_.hello->version >= clients::kTls13;
        return answer_.hello && !answer_.whole;
      case tls::MessageType::certificate:
        answer_.certificates = event.kept ? tls::read_certificate_list(body)
                                          : tls::ServerList{tls::ServerList::State::too_long, {}};
        return true;
      case tls::MessageType::server_key_exchange:
        if (answer_.hello) {
          answer_.key_exchange =
              tls::read_server_key_exchange(body, clients::key_exchange_of(answer_.hello->suite) ==
                                                      clients::KeyExchangeKind::ecdhe);
        }
        return true;
      case tls::MessageType::certificate_request:
        if (answer_.hello) {
          answer_.client_certificate = tls::read_certificate_request(body, answer_.hello->version);
        }
        return true;
      case tls::MessageType::server_hello_done:
        answer_.whole = true;
        return false;
      default:
        return true;
    }
  }

  Answer& answer_;
  tls::RecordReader reader_{tls::RecordReader::Keep::flight};
};

void read_answer(net::TimedSocket& socket, const Patience& patience, Answer& answer) {
  Listener listener(answer);
  std::array<std::uint8_t, 16384> buffer;
  std::size_t total = 0;
  while (total < kMaxFlight) {
    const certs::Result<std::size_t> read = socket.read_some(buffer, patience.until);
    const bool said_something = answer.hello || !answer.banner.empty();
    if (!read) {
      if (!said_something) {
        answer.kind = read.error().code == certs::ErrorCode::timeout ? Answer::Kind::silent
                                                                     : Answer::Kind::reset;
      }
      return;
    }
    if (*read == 0) {
      if (!said_something) {
        answer.kind = Answer::Kind::closed;
      } else if (!answer.hello && answer.kind == Answer::Kind::silent) {
        answer.kind = Answer::Kind::not_tls;
      }
      return;
    }
    total += *read;
    if (!listener.take(ByteView(buffer).first(*read))) {
      return;
    }
  }
  if (!answer.hello) {
    answer.kind = Answer::Kind::not_tls;
  } else if (answer.certificates.state == tls::ServerList::State::unseen) {
    answer.certificates.state = tls::ServerList::State::too_long;
  }
}

// Ends the handshake as a client does that has no complaint: whoever reads the server's log is not
// sent after a fault in its certificates. In plain text, which servers take before keys are in use.
void take_leave(net::TimedSocket& socket, const Patience& patience) {
  constexpr std::string_view kAlerts(
      "\x15\x03\x01\x00\x02\x01\x5a"   // user_canceled
      "\x15\x03\x01\x00\x02\x01\x00",  // close_notify
      14);
  // Nothing depends on it: a server that is gone already does not mind.
  (void)socket.write(kAlerts, patience.until);
}

// What something that is no TLS is, from its first bytes; empty when it is not known.
std::string name_of_banner(std::string_view banner) {
  struct Row {
    std::string_view begins;
    std::string_view name;
  };
  static constexpr std::array kRows = {
      Row{"HTTP/", "plain HTTP"},
      Row{"<", "a page without TLS"},
      Row{"SSH-", "SSH"},
      Row{"220 ", "SMTP or FTP, which speak TLS only after STARTTLS"},
      Row{"220-", "SMTP or FTP, which speak TLS only after STARTTLS"},
      Row{"* OK", "IMAP, which speaks TLS only after STARTTLS"},
      Row{"+OK", "POP3, which speaks TLS only after STLS"},
      Row{"RFB ", "VNC"},
      Row{"SIP/", "SIP without TLS"},
      Row{"\x03", "RDP, or another protocol that begins like it"},
  };
  const auto* const found = std::ranges::find_if(
      kRows, [banner](const Row& row) { return banner.starts_with(row.begins); });
  return found == kRows.end() ? "" : std::string(found->name);
}

}  // namespace

certs::Result<Answer> ask(const boost::asio::ip::tcp::endpoint& server, ByteView hello,
                          const Patience& patience) {
  Answer answer;
  net::TimedSocket socket(patience.stop);
  const auto started = Clock::now();
  if (const auto connected = socket.connect(server, patience.until); !connected) {
    return tl::unexpected(connected.error());
  }
  answer.connected_after = since(started);
  const auto sent_at = Clock::now();
  if (const auto sent = socket.write(certs::as_text(hello), patience.until); !sent) {
    answer.kind = Answer::Kind::reset;
  } else {
    read_answer(socket, patience, answer);
  }
  answer.answered_after = since(sent_at);
  if (answer.accepted()) {
    take_leave(socket, patience);
  }
  return answer;
}

std::string told_instead_of_tls(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::closed:
      return "the connection is accepted, and closed on each hello";
    case Answer::Kind::reset:
      return "the connection is accepted, and reset on each hello";
    case Answer::Kind::silent:
      return "the connection is accepted, and no hello is answered in time (--timeout)";
    default: {
      const std::string name = name_of_banner(answer.banner);
      return "what answers on this port is " + (name.empty() ? "something else than TLS" : name);
    }
  }
}

}  // namespace chainmend::diagnose
