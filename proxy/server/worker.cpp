#include "proxy/server/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "proxy/session/serve.h"
#include "proxy/session/turn_away.h"

namespace chainmend::server {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Worker::Socket {
  net::Acceptor acceptor;
  std::string listener;
  bool ours = true;                          // false: what is in its queue is not ours alone
  serving::ServingStatePtr last_state = {};  // of one that retires: what it is served from
};

namespace {

// A client whose SYN was answered just before gets its handshake through in this time.
constexpr std::chrono::milliseconds kLastHandshakes{250};

}  // namespace

using net::kAsTuple;

Worker::Worker(const session::Services& services, Totals& totals)
    : context_(services), totals_(totals) {
  context_.admission = &totals_.admission;
  thread_ = std::thread([this] {
    const auto work = asio::make_work_guard(context_.loop.io);
    context_.loop.io.run();
  });
}

Worker::~Worker() {
  context_.loop.io.stop();
  thread_.join();
}

void Worker::publish(Publication publication) {
  // Asio's handlers must be copyable only where they are stored in std::function; post() moves
  // them.
  asio::post(context_.loop.io, [this, p = std::move(publication)]() mutable { apply(p); });
}

void Worker::announce_end() {
  asio::post(context_.loop.io, [this] { context_.connections.announce_end(); });
}

void Worker::drain() {
  // Held from now on: whoever asks whether anything is left must not ask too early.
  asio::post(context_.loop.io, [this, held = metrics::Held(totals_.retiring)]() mutable {
    for (auto& [address, socket] : sockets_) {
      retire(std::move(socket), metrics::Held(totals_.retiring));
    }
    sockets_.clear();
    context_.drain();
  });
}

void Worker::run(std::function<void()> job) { asio::post(context_.loop.io, std::move(job)); }

void Worker::describe_connections(std::size_t most,
                                  std::function<void(std::vector<std::string>)> told) {
  asio::post(context_.loop.io,
             [this, most, told = std::move(told)] { told(context_.connections.describe(most)); });
}

void Worker::retire(std::shared_ptr<Socket> socket, metrics::Held retiring) {
  socket->last_state = state_;
  if (!socket->ours) {
    boost::system::error_code ignored;
    socket->acceptor.close(ignored);
    return;
  }
  refuse_new_connections(socket->acceptor.native_handle());
  auto timer = std::make_shared<net::Timer>(context_.loop.io);
  timer->expires_after(kLastHandshakes);
  // Until then its accept_loop() takes what comes.
  timer->async_wait([socket = std::move(socket), timer,
                     held = std::move(retiring)](const boost::system::error_code&) {
    boost::system::error_code ignored;
    socket->acceptor.close(ignored);
  });
}

void Worker::apply(Publication& publication) {
  for (const std::string& address : publication.closed) {
    if (const auto found = sockets_.find(address); found != sockets_.end()) {
      retire(std::move(found->second), metrics::Held(totals_.retiring));
      sockets_.erase(found);
    }
  }
  state_ = std::move(publication.state);
  context_.pool.keep_only(state_->pooled_peers());
  for (Publication::Opened& opened : publication.opened) {
    const int family = address_family(opened.socket.get());
    auto socket = std::make_shared<Socket>(
        Socket{net::Acceptor(context_.loop.io, family == AF_INET6 ? tcp::v6() : tcp::v4(),
                             opened.socket.get()),
               {},
               opened.ours});
    opened.socket.release();  // the acceptor owns it now
    sockets_[opened.address] = socket;
    asio::co_spawn(context_.loop.io, accept_loop(std::move(socket)),
                   [](const std::exception_ptr& error) {
                     if (error) {
                       std::rethrow_exception(error);
                     }
                   });
  }
  for (auto& [address, socket] : sockets_) {
    socket->listener = publication.listeners.at(address);
  }
}

net::Task<void> Worker::accept_loop(std::shared_ptr<Socket> socket) {
  net::Timer pause(context_.loop.io);
  tcp::endpoint peer;
  while (socket->acceptor.is_open()) {
    auto [error, client] = co_await socket->acceptor.async_accept(peer, kAsTuple);
    if (error == asio::error::operation_aborted) {
      break;
    }
    bool go_on = false;
    if (!error) {
      go_on = take(*socket, std::move(client), peer);
    } else if (error == asio::error::no_descriptors ||
               error == boost::system::errc::too_many_files_open_in_system) {
      accept_failed(*socket);
    }
    if (!go_on) {
      // Whatever it is (no memory, say), it would be the same at once: leave the others in the
      // kernel's queue for now.
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsTuple);
    }
  }
}

// The one that waits in the kernel's queue gets the descriptor of one that idles, if there is one.
void Worker::accept_failed(const Socket& socket) {
  const serving::ServingStatePtr& state = socket.last_state ? socket.last_state : state_;
  if (const auto* listener = state->find_listener(socket.listener)) {
    const auto reason = metrics::RejectReason::no_descriptors;
    totals_.admission.note(context_, *listener, reason, nullptr);
    context_.connections.end_longest_waiting(session::Waiting::idle,
                                             [](const session::Connection&) { return true; });
  }
}

bool Worker::take(Socket& from, net::Socket client, const tcp::endpoint& peer) {
  const serving::ServingStatePtr& state = from.last_state ? from.last_state : state_;
  const serving::Listener* listener = state->find_listener(from.listener);
  if (listener == nullptr) {
    return true;  // no socket is without its listener
  }
  const std::uint64_t id = totals_.next_connection_id.fetch_add(1, std::memory_order_relaxed);
  auto accepted = std::make_unique<session::Accepted>(
      session::Accepted{state, *listener, id, std::move(client), peer});
  metrics::Held open(totals_.admission.open_connections());
  const auto refused = totals_.admission.admit(context_, *accepted);
  asio::co_spawn(context_.loop.io,
                 refused ? session::turn_away(context_, std::move(accepted), *refused)
                         : session::serve(context_, std::move(accepted)),
                 [this, held = std::move(open)](const std::exception_ptr& failure) {
                   if (!failure) {
                     return;
                   }
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& bug) {
                     context_.services.log.event(logs::Level::error, "bug", {{"what", bug.what()}});
                   }
                 });
  return refused != metrics::RejectReason::no_descriptors;
}

}  // namespace chainmend::server
