#include "proxy/server/page_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "proxy/http/codec1.h"
#include "proxy/http/head_scanner.h"
#include "proxy/http/status.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/request_head.h"
#include "proxy/net/stream.h"

namespace chainmend::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using net::IoError;

namespace {

using net::kAsTuple;
constexpr std::chrono::seconds kPatience{30};
constexpr unsigned kNotModified = 304;

// A body would have to be read to its end; nobody has a reason to send one here.
bool has_no_body(const http::RequestHead& head) {
  return head.framing == http::Framing::none() || head.framing == http::Framing::of_length(0);
}

std::string write_response(const Page& page, bool keep_alive, bool with_body) {
  std::string out = "HTTP/1.1 " + std::to_string(page.status) + ' ' +
                    std::string(http::reason_phrase(page.status)) +
                    "\r\nContent-Type: " + page.type;
  const bool has_length = !page.live && page.status != kNotModified;
  if (has_length) {
    out.append("\r\nContent-Length: ").append(std::to_string(page.body.size()));
  }
  out.append("\r\nCache-Control: ").append(page.caching);
  out.append("\r\nX-Content-Type-Options: nosniff\r\n").append(page.fields);
  out.append(keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
  if (with_body) {
    out.append(page.body);
  }
  return out;
}

asio::ip::address plain(const asio::ip::address& address) {
  return address.is_v6() && address.to_v6().is_v4_mapped()
             ? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()))
             : address;
}

// A connection between two addresses of this machine. Nobody else's handshake gets past the kernel
// with one of them as its source.
bool is_from_here(const net::Socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) {
    return false;
  }
  const auto local = socket.local_endpoint(error);
  return !error &&
         (plain(peer.address()).is_loopback() || plain(peer.address()) == plain(local.address()));
}

bool is_for_another(const http::RequestHead& head) {
  using http::FieldId;
  return head.find(FieldId::x_forwarded_for) != nullptr ||
         head.find(FieldId::forwarded) != nullptr || head.find(FieldId::via) != nullptr;
}

bool is_known(const http::RequestHead& head) {
  return head.method == "GET" || head.is_head() || head.method == "POST";
}

// One more than are served. A short answer always fits the socket's empty buffer.
void turn_away(net::Socket client) {
  const std::string answer = write_response(
      {.status = 503, .body = "Too many connections to this listener\n"}, false, true);
  boost::system::error_code ignored;
  client.non_blocking(true, ignored);
  client.write_some(asio::buffer(answer), ignored);
  client.shutdown(net::Socket::shutdown_send, ignored);
}

}  // namespace

PageServer::PageServer(net::Loop& loop, FileDescriptor socket, Pages pages)
    : loop_(loop),
      acceptor_(loop.io, address_family(socket.get()) == AF_INET6 ? tcp::v6() : tcp::v4(),
                socket.get()),
      pages_(std::move(pages)) {
  socket.release();  // the acceptor owns it now
  asio::co_spawn(loop_.io, accept_loop(), asio::detached);
}

net::Task<void> PageServer::accept_loop() {
  net::Timer pause(loop_.io);
  for (;;) {
    auto [error, client] = co_await acceptor_.async_accept(kAsTuple);
    if (error == asio::error::operation_aborted) {
      co_return;
    }
    if (error) {
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsTuple);
    } else if (*open_ < kMaxConnections) {
      asio::co_spawn(loop_.io, serve(std::move(client)), asio::detached);
    } else {
      turn_away(std::move(client));
    }
  }
}

net::Task<void> PageServer::serve(net::Socket socket) {
  // Shared, because a connection may outlive this object at the end of the process.
  const std::shared_ptr<void> counted(&++*open_, [open = open_](void*) { --*open; });
  const bool from_here = is_from_here(socket);
  net::Stream client(std::move(socket));
  net::Deadline deadline(
      loop_.deadlines, [](void* stream) { static_cast<net::Stream*>(stream)->cancel(); }, &client);
  net::ReadBuffer received;
  http::RequestHead head;
  for (bool keep = true; keep;) {
    deadline.expires_after(kPatience);
    const bool asked = co_await net::read_request_head(client, received, loop_.buffers, head);
    if (!asked || !has_no_body(head)) {
      break;
    }
    // The page may take its time; the deadline is for the client.
    deadline.clear();
    Page answer{.status = 405, .body = "Only GET and HEAD\n", .fields = "Allow: GET, HEAD\r\n"};
    if (is_known(head)) {
      const PageRequest request{head, from_here && !is_for_another(head)};
      answer = co_await pages_(request);
    }
    deadline.expires_after(kPatience);
    keep = head.keep_alive && !answer.live;
    const std::string response = write_response(answer, keep, !head.is_head());
    const IoError error = co_await client.write_all(response);
    keep = keep && error == IoError::none;
    if (answer.live && error == IoError::none && !head.is_head()) {
      deadline.clear();
      co_await answer.live(client, deadline);
    }
  }
  client.close();
}

}  // namespace chainmend::server
