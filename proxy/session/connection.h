// Connection: one client connection and what it borrows from its worker and its process. Lives in
// the frame of serve(), on its worker's thread; the worker's ConnectionSet knows it only to end it
// when the server drains.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "proxy/clients/known_clients.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/logs/log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"
#include "proxy/serving/serving_state.h"
#include "proxy/session/exchange.h"

namespace chainmend::session {

// Process-lived, thread-safe.
struct Services {
  metrics::Metrics& metrics;
  logs::Log& log;
  logs::HandshakeLog& handshakes;
  clients::KnownClients& clients;
};

class Connection;

// ConnectionSet: the open connections of one worker.
class ConnectionSet {
 public:
  ConnectionSet() = default;
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  // From now on no connection begins another request; those that idle end at once.
  void drain();
  bool draining() const { return draining_; }
  std::size_t size() const { return size_; }

 private:
  friend class Connection;
  Connection* first_ = nullptr;
  std::size_t size_ = 0;
  bool draining_ = false;
};

// WorkerContext: what all connections of one thread share. The loop is last: what is still open
// dies with it and needs the others.
struct WorkerContext {
  explicit WorkerContext(const Services& s) : services(s) {}

  Services services;
  ConnectionSet connections;
  ExchangePool exchanges;
  net::Loop loop;
};

class Connection {
 public:
  Connection(WorkerContext& worker, serving::ServingStatePtr state,
             const serving::Listener& listener, std::uint64_t id,
             boost::asio::ip::tcp::socket socket, const boost::asio::ip::tcp::endpoint& peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Idle: between requests. A drain ends such a connection at once.
  void set_idle(bool idle) { idle_ = idle; }
  // Ends the waits of both sides with IoError::cancelled; what deadline does when it passes.
  void interrupt();
  bool draining() const { return worker.connections.draining(); }
  std::string peer_text() const;  // "192.0.2.1:50123"
  clients::Address peer_address() const;

  WorkerContext& worker;
  const serving::ServingStatePtr state;  // keeps listener alive
  const serving::Listener& listener;
  const std::uint64_t id;
  const boost::asio::ip::tcp::endpoint peer;
  net::Stream client;
  net::Stream* upstream = nullptr;  // the other side, while there is one
  net::Deadline deadline;           // of whatever the session does now
  clients::Classification who;      // who is calling, as far as it is known; set by HandshakeReport
  clients::Ja4 hello{};             // the fingerprint of its hello

 private:
  friend class ConnectionSet;
  Connection* previous_ = nullptr;
  Connection* next_ = nullptr;
  bool idle_ = false;
};

}  // namespace chainmend::session
