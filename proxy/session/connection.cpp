#include "proxy/session/connection.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <utility>

namespace chainmend::session {

config::Address address_bytes(const boost::asio::ip::address& address) {
  using boost::asio::ip::make_address_v6;
  return (address.is_v6() ? address.to_v6()
                          : make_address_v6(boost::asio::ip::v4_mapped, address.to_v4()))
      .to_bytes();
}

ConnectionSet::~ConnectionSet() { assert(size_ == 0); }

void ConnectionSet::drain() {
  ending_ = true;
  draining_ = true;
  for (Connection* c = lists_[Waiting::idle].first; c != nullptr; c = c->next_) {
    if (c->fresh) {
      c->deadline.expires_after(kLastRequest);
    } else if (!c->client.has_input()) {
      c->client.cancel();
    }
  }
}

std::vector<std::string> ConnectionSet::describe(std::size_t most) const {
  std::vector<std::string> out;
  for (const List& list : lists_) {  // the busy ones first
    for (const Connection* c = list.first; c != nullptr && out.size() < most; c = c->next_) {
      out.push_back(c->describe());
    }
  }
  return out;
}

namespace {

net::Stream client_stream(net::Socket socket, const serving::Listener& listener) {
  // Where some are passed through, it is TLS once that is decided.
  return listener.tls && listener.passthrough.empty()
             ? net::Stream::accepted(std::move(socket), listener.tls)
             : net::Stream(std::move(socket));
}

}  // namespace

Connection::Connection(WorkerContext& w, Accepted from)
    : worker(w),
      state(std::move(from.state)),
      listener(from.listener),
      id(from.id),
      peer(from.peer),
      trusted(listener.trusts(address_bytes(peer.address()))),
      client(client_stream(std::move(from.socket), listener)),
      deadline(
          w.loop.deadlines, [](void* c) { static_cast<Connection*>(c)->interrupt(); }, this),
      open(std::move(from.open)),
      source(std::move(from.source)),
      local_(from.local) {
  enter();
  ++worker.connections.size_;
}

void Connection::enter() {
  ConnectionSet::List& list = worker.connections.lists_[waiting_];
  previous_ = list.last;
  next_ = nullptr;
  (previous_ != nullptr ? previous_->next_ : list.first) = this;
  list.last = this;
}

void Connection::leave() {
  ConnectionSet::List& list = worker.connections.lists_[waiting_];
  (previous_ != nullptr ? previous_->next_ : list.first) = next_;
  (next_ != nullptr ? next_->previous_ : list.last) = previous_;
}

void Connection::set_waiting(Waiting waiting) {
  leave();
  waiting_ = waiting;
  enter();
}

const boost::asio::ip::tcp::endpoint& Connection::local() {
  if (!local_) {
    boost::system::error_code ignored;  // then nothing is known
    local_ = client.socket().local_endpoint(ignored);
  }
  return *local_;
}

void Connection::write_client_address(std::string& out) const {
  const config::Address bytes = address_bytes(peer.address());
  const bool is_v4 = peer.address().is_v4() || peer.address().to_v6().is_v4_mapped();
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes.data() + (is_v4 ? 12 : 0), text.data(),
              text.size());
  out = text.data();
}

const std::vector<certs::CertificatePtr>& Connection::client_certificates() const {
  static const std::vector<certs::CertificatePtr> kNone;
  const tls::TlsSession* const session = client.session();
  if (session == nullptr || session->trace().client_path.empty()) {
    return kNone;
  }
  const auto& path = session->trace().client_path;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const bool valid = std::ranges::all_of(path, [&](const auto& one) { return one->valid_at(now); });
  return valid ? path : kNone;
}

Connection::~Connection() {
  leave();
  --worker.connections.size_;
}

std::string Connection::describe() const {
  std::string out = "conn " + std::to_string(id) + " from " + peer_text() + " at " + listener.name;
  if (request != nullptr) {
    out.append(": ").append(request->method).append(" ").append(request->path);  // never the query
  }
  return out;
}

void Connection::interrupt() {
  client.cancel();
  if (upstream != nullptr) {
    upstream->cancel();
  }
}

std::string text_of(const boost::asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

}  // namespace chainmend::session
