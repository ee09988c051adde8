// Connection: one client connection and what it borrows from its worker and its process. Lives in
// the frame of serve(), on its worker's thread; the worker's ConnectionSet knows it only to end it
// when the server drains.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/clients/known_clients.h"
#include "proxy/http/head.h"
#include "proxy/logs/access_log.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"
#include "proxy/serving/serving_state.h"
#include "proxy/session/exchange.h"
#include "proxy/session/request_ids.h"
#include "proxy/session/source_table.h"
#include "proxy/upstream/pool.h"

namespace chainmend::session {

// Process-lived, thread-safe.
struct Services {
  metrics::Metrics& metrics;
  logs::Log& log;
  logs::HandshakeLog& handshakes;
  clients::KnownClients& clients;
  logs::AccessLog* access = nullptr;  // null: requests are not logged
};

class Admission;
class Connection;

// What a connection does, as far as it may be ended for it.
enum class Waiting : std::uint8_t {
  busy,
  silent,  // the client has not said a byte
  idle,    // between requests
};

std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint);  // "192.0.2.1:50123"

// 16 bytes, IPv4 mapped: what networks of the configuration are compared with.
config::Address address_bytes(const boost::asio::ip::address& address);

// ConnectionSet: the open connections of one worker, by what they do, those first that began with
// it first.
class ConnectionSet {
 public:
  ConnectionSet() = default;
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  // From now on each answer announces that its connection ends.
  void announce_end() { ending_ = true; }
  bool ending() const { return ending_; }
  // And no connection begins another request. Those that idle end at once, unless a request is on
  // its way in; one that is new still gets its first one answered, if it comes soon.
  void drain();
  bool draining() const { return draining_; }
  // How long a client that is new when the drain begins has for its one request.
  static constexpr std::chrono::seconds kLastRequest{2};
  // One line for each of at most so many: who it is and what it is about.
  std::vector<std::string> describe(std::size_t most) const;
  std::size_t size() const { return size_; }

  // Ends the connection that has waited longest of those that fit, unless the client has just
  // spoken. False: there is none among the first ones.
  template <typename Fits>
  bool end_longest_waiting(Waiting waiting, const Fits& fits);

 private:
  friend class Connection;
  struct List {
    Connection* first = nullptr;
    Connection* last = nullptr;
  };
  static constexpr int kLookedAt = 256;

  enums::Array<List, Waiting> lists_;
  std::size_t size_ = 0;
  bool ending_ = false;
  bool draining_ = false;
};

// WorkerContext: what all connections of one thread share. Connections that are still open die with
// the loop and need what stands before it; the pool's sockets need the loop.
struct WorkerContext {
  explicit WorkerContext(const Services& s) : services(s) {}

  // No connection begins another request, and none is kept for one.
  void drain() {
    connections.drain();
    pool.clear();
  }

  Services services;
  ConnectionSet connections;
  ExchangePool exchanges;
  RequestIds request_ids;
  net::Loop loop;
  Admission* admission = nullptr;  // null: everybody is served
  std::size_t turning_away = 0;    // connections that are told that there is no room
  upstream::Pool pool{loop.deadlines};
};

// What a connection begins with.
struct Accepted {
  serving::ServingStatePtr state;
  const serving::Listener& listener;  // of that state
  std::uint64_t id = 0;
  net::Socket socket;
  // Who talks to whom, as far as the proxies before us let us know.
  boost::asio::ip::tcp::endpoint peer;                       // the client
  std::optional<boost::asio::ip::tcp::endpoint> local = {};  // where it called; none: socket says
  metrics::Held open = listener.metrics->connection();
  SourceTable::Held source = {};
};

class Connection {
 public:
  Connection(WorkerContext& worker, Accepted from);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A drain ends an idle connection at once, and one that is not busy makes room for a new one.
  void set_waiting(Waiting waiting);
  // Ends the waits of both sides with IoError::cancelled; what deadline does when it passes.
  void interrupt();
  bool draining() const { return worker.connections.draining(); }
  bool ending() const { return worker.connections.ending(); }
  // For the log: "conn 7 from 10.1.2.3:5060 at https: POST /EWS/Exchange.asmx to 10.0.0.11:443".
  std::string describe() const;
  std::string peer_text() const { return text_of(peer); }
  // Where the client called, or thinks it did.
  const boost::asio::ip::tcp::endpoint& local();
  // The client's certificate that was accepted, and is still in date, and those above it, or none.
  const std::vector<certs::CertificatePtr>& client_certificates() const;
  // Numeric, without port; over `out`, whose memory is used again.
  void write_client_address(std::string& out) const;

  WorkerContext& worker;
  const serving::ServingStatePtr state;  // keeps listener alive
  const serving::Listener& listener;
  const std::uint64_t id;
  const boost::asio::ip::tcp::endpoint peer;
  const bool trusted;  // what the client claims about itself and others
  net::Stream client;
  net::Stream* upstream = nullptr;             // the connection to the server, while there is one
  const http::RequestHead* request = nullptr;  // the one under way, from its head to its end
  net::Deadline deadline;       // of what the session does now; interrupt() when it passes
  bool fresh = true;            // no request has come yet
  clients::Classification who;  // who is calling, as far as it is known; set by HandshakeReport
  const metrics::Held open;
  const SourceTable::Held source;

 private:
  friend class ConnectionSet;
  void enter();  // the list of what it does
  void leave();

  std::optional<boost::asio::ip::tcp::endpoint> local_;  // asked for when it is needed
  Connection* previous_ = nullptr;
  Connection* next_ = nullptr;
  Waiting waiting_ = Waiting::busy;
};

template <typename Fits>
bool ConnectionSet::end_longest_waiting(Waiting waiting, const Fits& fits) {
  Connection* one = lists_[waiting].first;
  for (int looked = 0; one != nullptr && looked < kLookedAt; ++looked, one = one->next_) {
    if (fits(std::as_const(*one)) && !one->client.has_input()) {
      one->set_waiting(Waiting::busy);  // nobody shall end it again
      one->client.cancel();
      return true;
    }
  }
  return false;
}

}  // namespace chainmend::session
