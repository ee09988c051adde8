#include "proxy/lab/backend.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "certs/certificate_reader.h"
#include "proxy/http/body.h"
#include "proxy/http/status.h"
#include "proxy/lab/answers.h"
#include "proxy/net/loop.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/request_head.h"
#include "proxy/net/stream.h"

namespace chainmend::lab {

namespace asio = boost::asio;
using net::IoError;

namespace {

constexpr std::chrono::minutes kPatience{10};
constexpr std::chrono::seconds kLongPoll{20};
constexpr int kPieces = 30;

std::string head_of(const Answer& answer, bool chunked) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n{}{}\r\n", answer.status,
                     http::reason_phrase(answer.status), answer.type, answer.fields,
                     chunked ? std::string("Transfer-Encoding: chunked\r\n")
                             : fmt::format("Content-Length: {}\r\n", answer.body.size()));
}

// The file that the authority publishes under this path. There are no folders, and so no way out.
Answer published(const BackendTerms& terms, std::string_view path) {
  const std::string_view name = path.substr(1);
  const bool is_plain = !name.empty() && name.find('/') == name.npos && !name.starts_with('.');
  if (std::filesystem::exists(terms.aia_down)) {
    return {.status = 503, .type = "text/plain", .body = "down\n"};
  }
  const auto bytes = is_plain ? certs::read_file((terms.published / name).string())
                              : certs::Result<certs::Bytes>(tl::unexpected(certs::Error{}));
  if (!bytes) {
    return {.status = 404, .type = "text/plain", .body = "no such file\n"};
  }
  return {.type = "application/pkix-cert", .body = std::string(certs::as_text(*bytes))};
}

}  // namespace

struct Backend::State {
  explicit State(BackendTerms t) : terms(std::move(t)) {}

  bool listen(net::Acceptor& at, std::uint16_t port);
  net::Task<void> accept_loop(net::Acceptor& at, bool is_aia);
  net::Task<void> serve(net::Socket socket, bool is_aia);
  net::Task<bool> read_body(net::Stream& client, net::ReadBuffer& received,
                            const http::RequestHead& head);
  net::Task<IoError> write(net::Stream& client, const http::RequestHead& head,
                           const Answer& answer);
  void log(const http::RequestHead& head, const Answer& answer);

  BackendTerms terms;
  net::Loop loop;
  net::Acceptor server{loop.io}, aia{loop.io};
  std::jthread thread;
};

bool Backend::State::listen(net::Acceptor& at, std::uint16_t port) {
  const asio::ip::tcp::endpoint here(asio::ip::address_v4::loopback(), port);
  boost::system::error_code error;
  at.open(here.protocol(), error);
  at.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) {
    at.bind(here, error);
  }
  if (!error) {
    at.listen(asio::socket_base::max_listen_connections, error);
  }
  return !error;
}

net::Task<void> Backend::State::accept_loop(net::Acceptor& at, bool is_aia) {
  net::Timer pause(loop.io);
  for (;;) {
    auto [error, client] = co_await at.async_accept(net::kAsTuple);
    if (error == asio::error::operation_aborted) {
      co_return;
    }
    if (error) {
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(net::kAsTuple);
    } else {
      asio::co_spawn(loop.io, serve(std::move(client), is_aia), asio::detached);
    }
  }
}

net::Task<void> Backend::State::serve(net::Socket socket, bool is_aia) {
  net::Stream client(std::move(socket));
  net::Deadline deadline(
      loop.deadlines, [](void* stream) { static_cast<net::Stream*>(stream)->cancel(); }, &client);
  net::ReadBuffer received;
  http::RequestHead head;
  for (bool goes_on = true; goes_on;) {
    deadline.expires_after(kPatience);
    const bool asked = co_await net::read_request_head(client, received, loop.buffers, head);
    const bool is_whole = asked && co_await read_body(client, received, head);
    if (!is_whole) {
      break;
    }
    const Answer answer = is_aia ? published(terms, head.path) : answer_of_exchange(head);
    const IoError error = co_await write(client, head, answer);
    if (!is_aia) {
      log(head, answer);
    }
    goes_on = error == IoError::none && head.keep_alive;
  }
  client.close();
}

// Reads it and forgets it.
net::Task<bool> Backend::State::read_body(net::Stream& client, net::ReadBuffer& received,
                                          const http::RequestHead& head) {
  if (head.expects_continue) {
    const IoError error = co_await client.write_all("HTTP/1.1 100 Continue\r\n\r\n");
    if (error != IoError::none) {
      co_return false;
    }
  }
  http::BodyRelay body;
  std::string scratch;
  for (body.start(head.framing, http::Framing::none()); !body.done();) {
    const http::BodyStep step = body.step(received.bytes(), scratch);
    received.consume(step.consumed);
    if (step.fault || body.done()) {
      co_return !step.fault;
    }
    const IoError error = co_await received.fill(client, loop.buffers);
    if (error != IoError::none) {
      co_return false;
    }
  }
  co_return true;
}

net::Task<IoError> Backend::State::write(net::Stream& client, const http::RequestHead& head,
                                         const Answer& answer) {
  net::Timer pause(loop.io);
  if (answer.pace == Answer::Pace::after_a_while) {
    pause.expires_after(kLongPoll);
    co_await pause.async_wait(net::kAsTuple);
  }
  const bool in_pieces = answer.pace == Answer::Pace::in_pieces && !head.is_head();
  std::string text = head_of(answer, in_pieces);
  if (!in_pieces) {
    text += head.is_head() ? "" : answer.body;
    co_return co_await client.write_all(text);
  }
  const std::string piece = fmt::format("{:x}\r\n{}\r\n", answer.body.size(), answer.body);
  for (int i = 0; i < kPieces; ++i) {
    text += piece;
    const IoError error = co_await client.write_all(text);
    if (error != IoError::none) {
      co_return error;
    }
    text.clear();
    pause.expires_after(std::chrono::seconds(1));
    co_await pause.async_wait(net::kAsTuple);
  }
  co_return co_await client.write_all("0\r\n\r\n");
}

// As IIS 10 writes it; the client is who chainmend or the VIP says that it is.
void Backend::State::log(const http::RequestHead& head, const Answer& answer) {
  const http::Field* const from = head.find("X-Forwarded-For");
  const http::Field* const agent = head.find("User-Agent");
  std::string name(agent != nullptr ? agent->value : "-");
  std::ranges::replace(name, ' ', '+');
  std::ofstream out(terms.log, std::ios::app);
  out << fmt::format("{:%F %T} 127.0.0.1 {} {} - {} {} {} {} - {} 0 0 1\n",
                     std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                     head.method, head.path, terms.port, answer.user.empty() ? "-" : answer.user,
                     from != nullptr ? from->value : "127.0.0.1", name, answer.status);
}

certs::Result<std::unique_ptr<Backend>> Backend::start(BackendTerms terms) {
  auto state = std::make_unique<State>(std::move(terms));
  for (auto [acceptor, port] : {std::pair(&state->server, state->terms.port),
                                std::pair(&state->aia, state->terms.aia_port)}) {
    if (!state->listen(*acceptor, port)) {
      return certs::fail(certs::ErrorCode::network, fmt::format("port {} is in use", port));
    }
  }
  asio::co_spawn(state->loop.io, state->accept_loop(state->server, false), asio::detached);
  asio::co_spawn(state->loop.io, state->accept_loop(state->aia, true), asio::detached);
  state->thread = std::jthread([&io = state->loop.io] { io.run(); });
  return std::unique_ptr<Backend>(new Backend(std::move(state)));
}

Backend::Backend(std::unique_ptr<State> state) : state_(std::move(state)) {}

Backend::~Backend() {
  state_->loop.io.stop();
  state_->thread.join();
}

}  // namespace chainmend::lab
