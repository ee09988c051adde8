#include "proxy/session/connection.h"

#include <cassert>
#include <utility>

namespace chainmend::session {

namespace asio = boost::asio;

ConnectionSet::~ConnectionSet() { assert(first_ == nullptr); }

void ConnectionSet::drain() {
  draining_ = true;
  for (Connection* c = first_; c != nullptr; c = c->next_) {
    if (c->idle_) {
      c->client.cancel();
    }
  }
}

namespace {

net::Stream client_stream(boost::asio::ip::tcp::socket socket, const serving::Listener& listener) {
  return listener.tls ? net::Stream::accepted(std::move(socket), listener.tls)
                      : net::Stream(std::move(socket));
}

}  // namespace

Connection::Connection(WorkerContext& w, serving::ServingStatePtr s, const serving::Listener& l,
                       std::uint64_t connection_id, boost::asio::ip::tcp::socket socket,
                       const boost::asio::ip::tcp::endpoint& from)
    : worker(w),
      state(std::move(s)),
      listener(l),
      id(connection_id),
      peer(from),
      client(client_stream(std::move(socket), l)),
      deadline(w.loop.deadlines, [](void* c) { static_cast<Connection*>(c)->interrupt(); }, this) {
  ConnectionSet& set = worker.connections;
  next_ = set.first_;
  if (next_ != nullptr) {
    next_->previous_ = this;
  }
  set.first_ = this;
  ++set.size_;
}

Connection::~Connection() {
  ConnectionSet& set = worker.connections;
  (previous_ != nullptr ? previous_->next_ : set.first_) = next_;
  if (next_ != nullptr) {
    next_->previous_ = previous_;
  }
  --set.size_;
}

void Connection::interrupt() {
  client.cancel();
  if (upstream != nullptr) {
    upstream->cancel();
  }
}

std::string Connection::peer_text() const {
  const std::string address = peer.address().to_string();
  const std::string port = std::to_string(peer.port());
  return peer.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

clients::Address Connection::peer_address() const {
  const asio::ip::address& address = peer.address();
  return (address.is_v4() ? asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4())
                          : address.to_v6())
      .to_bytes();
}

}  // namespace chainmend::session
