#include "proxy/session/passthrough.h"

#include <algorithm>
#include <memory>

#include "certs/bytes.h"
#include "proxy/net/tunnel.h"
#include "proxy/session/linger.h"
#include "proxy/session/turn_away.h"
#include "proxy/session/upstream_link.h"
#include "proxy/tls/wire_observer.h"

namespace chainmend::session {

using clients::FlightKind;
using net::IoError;

namespace {

constexpr std::chrono::seconds kPatience{2};

// Reads until it is known whether a hello comes. What came is in the observer.
net::Task<IoError> read_first_flight(Connection& connection, tls::WireObserver& observer,
                                     net::Clock::time_point started) {
  const auto& timeouts = connection.listener.timeouts;
  net::BufferPool::Block block;
  IoError error = IoError::none;
  connection.deadline.expires_at(started + timeouts.first_byte);
  connection.set_waiting(Waiting::silent);
  while (error == IoError::none && observer.trace().flight == FlightKind::need_more) {
    const net::IoResult read =
        co_await connection.client.read_some(connection.worker.loop.buffers, block);
    connection.set_waiting(Waiting::busy);
    error = read.error;
    if (error == IoError::none) {
      connection.deadline.expires_at(started + timeouts.handshake);
      observer.from_client(block.span().first(read.n));
    }
  }
  if (connection.deadline.expired()) {
    observer.timed_out();
  } else if (error != IoError::none) {
    observer.client_ended(error != IoError::eof);
  }
  connection.deadline.clear();
  co_return error;
}

const serving::Passthrough* rule_for(const Connection& connection,
                                     const tls::HandshakeTrace& trace) {
  if (trace.hello == nullptr) {
    return nullptr;
  }
  return connection.listener.passthrough_for(
      {trace.peer, connection.listener.name, *trace.hello, trace.ja4},
      *connection.state->classifier);
}

// Watch: shows a tunnel's bytes to the report's observer until the handshake is settled and
// reported; then the observer is gone, and the tunnel runs as any other.
class Watch {
 public:
  Watch(Connection& connection, HandshakeReport& report, const serving::Passthrough& rule)
      : connection_(connection), report_(report), rule_(rule) {
    limit_.expires_at(report.started() + connection.listener.timeouts.handshake);
  }

  // Sends what was read already.
  net::Task<IoError> send_first_flight(UpstreamLink& link) {
    server_ = &link.server().name();
    const IoError error =
        co_await link.stream().write_all(certs::as_text(report_.observer()->first_flight()));
    if (!connection_.worker.services.handshakes.wants_hellos()) {
      report_.observer()->forget_first_flight();
    }
    co_return error;
  }

  net::Tap client_tap() {
    return {[](void* self, std::span<const std::uint8_t> bytes, IoError end) {
              return static_cast<Watch*>(self)->see_client(bytes, end);
            },
            this};
  }
  net::Tap server_tap() {
    return {[](void* self, std::span<const std::uint8_t> bytes, IoError end) {
              return static_cast<Watch*>(self)->see_server(bytes, end);
            },
            this};
  }

  // It cannot be reached, or not be written to.
  void server_is_gone() {
    if (tls::WireObserver* observer = report_.observer()) {
      observer->server_ended();
      conclude(*observer);
    }
  }
  // Where no tap has seen the end.
  void client_is_gone(bool reset) {
    if (tls::WireObserver* observer = report_.observer()) {
      observer->client_ended(reset);
      conclude(*observer);
    }
  }

 private:
  bool see_client(std::span<const std::uint8_t> bytes, IoError end) {
    tls::WireObserver* observer = report_.observer();
    if (observer == nullptr) {
      return false;
    }
    if (end == IoError::none) {
      observer->from_client(bytes);
    } else if (end == IoError::cancelled) {
      note_deadline(*observer);
    } else {
      observer->client_ended(end != IoError::eof);
    }
    return conclude(*observer);
  }

  bool see_server(std::span<const std::uint8_t> bytes, IoError end) {
    tls::WireObserver* observer = report_.observer();
    if (observer == nullptr) {
      return false;
    }
    if (end == IoError::none) {
      observer->from_server(bytes);
    } else if (end == IoError::cancelled) {
      note_deadline(*observer);
    } else {
      observer->server_ended();
    }
    return conclude(*observer) && observer->wants_server();
  }

  // We ended the wait: for a deadline, or for what happened in the other direction and is told
  // there.
  void note_deadline(tls::WireObserver& observer) {
    if (limit_.expired() || connection_.deadline.expired()) {
      observer.timed_out();
    }
  }

  // False: all is reported, and the observer gone.
  bool conclude(tls::WireObserver& observer) {
    judge_list(observer);
    const bool settled = observer.settled();
    if (!answered_ && (settled || observer.answered())) {
      answered_ = true;
      limit_.clear();
    }
    if (!ended_ && (settled || observer.trace().completed)) {
      ended_ = true;
      report_.handshake_ended();
    }
    if (settled) {
      report_.used();
    }
    return !settled;
  }

  void judge_list(tls::WireObserver& observer) {
    if (!judged_ && observer.server_list().state != tls::ServerList::State::unseen) {
      judged_ = true;
      if (rule_.chain && server_ != nullptr) {
        rule_.chain->saw(*server_, observer.take_server_list());
      }
    }
  }

  Connection& connection_;
  HandshakeReport& report_;
  const serving::Passthrough& rule_;
  const std::string* server_ = nullptr;
  net::Deadline limit_{connection_.worker.loop.deadlines,
                       [](void* c) { static_cast<Connection*>(c)->interrupt(); }, &connection_};
  bool answered_ = false;
  bool ended_ = false;
  bool judged_ = false;
};

// The server cannot be asked: a client that gets no word would take it for the network's fault.
net::Task<void> say_not_now(Connection& connection) {
  connection.deadline.expires_after(kPatience);
  const IoError error = co_await connection.client.write_all(kNotNow);
  if (error == IoError::none) {
    co_await linger(connection);
  }
}

net::Task<void> serve_passed(Connection& connection, HandshakeReport& report,
                             const serving::Passthrough& rule) {
  report.passed_to(rule.upstream->name);
  Watch watch(connection, report, rule);
  UpstreamLink link(connection);
  const LinkFailure failure = co_await link.open(*rule.upstream, {}, {}, true);
  if (failure.status != 0) {
    watch.server_is_gone();
    co_await say_not_now(connection);
    co_return;
  }
  link.note_success();  // there is no more to judge by
  const IoError sent = co_await watch.send_first_flight(link);
  if (sent != IoError::none) {
    watch.server_is_gone();
    co_return;
  }
  const auto& timeouts = connection.listener.timeouts;
  const net::TunnelResult result = co_await net::tunnel(
      connection.client, link.stream(), connection.worker.loop.buffers, connection.deadline,
      std::max(timeouts.client_idle, timeouts.server_idle), watch.client_tap(), watch.server_tap());
  if (result.up.write_error != IoError::none) {
    watch.server_is_gone();
  }
  watch.client_is_gone(result.down.write_error != IoError::none);
  if (!result.ended()) {
    link.stream().abort();
    connection.client.abort();
  }
}

}  // namespace

net::Task<Passed> pass_through(Connection& connection, HandshakeReport& report) {
  report.follow(std::make_unique<tls::WireObserver>(address_bytes(connection.peer.address())));
  tls::WireObserver& observer = *report.observer();
  const IoError error = co_await read_first_flight(connection, observer, report.started());
  const FlightKind kind = observer.trace().flight;
  if (error == IoError::none) {
    if (const serving::Passthrough* rule = rule_for(connection, observer.trace())) {
      co_await serve_passed(connection, report, *rule);
      co_return Passed::over;
    }
    if (connection.listener.tls && kind != FlightKind::http_request) {
      connection.client.accept_tls(connection.listener.tls, observer.first_flight());
      report.follow(*connection.client.session());
      co_return Passed::no;
    }
  }
  report.handshake_ended();
  co_return kind == FlightKind::http_request ? Passed::plain_http : Passed::over;
}

}  // namespace chainmend::session
