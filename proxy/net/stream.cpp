#include "proxy/net/stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "proxy/net/socket_options.h"

namespace chainmend::net {

using tls::Step;

namespace {

// A peer that sends faster than we read never makes us wait: after so many bytes (some milliseconds
// of decrypting with an old cipher) its turn is over, or it would have the thread for itself.
constexpr std::size_t kTurn = std::size_t{256} * 1024;

// Less than this at once is a message and not a stretch of a stream that goes on.
constexpr std::size_t kMessage = 4096;

IoError from_errno(int error) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
      return IoError::reset;
    default:
      return IoError::other;
  }
}

// Neither bytes nor an end to be read.
bool has_nothing(int fd) {
  char byte = 0;
  const auto n = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

IoError closed(const tls::TlsSession& session) {
  return session.peer_closed_cleanly() ? IoError::eof : IoError::truncated;
}

IoError failed(const tls::TlsSession& session) {
  return session.trace().reset ? IoError::reset : IoError::tls;
}

}  // namespace

Stream::Stream(Socket socket, std::unique_ptr<tls::TlsSession> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)) {
  boost::system::error_code ignored;  // a socket that has died meanwhile fails at its first use
  socket_.native_non_blocking(true, ignored);
}

Stream Stream::secured(Stream plain, tls::ClientContextPtr context, const std::string& server_name,
                       const std::string& server) {
  const int fd = plain.socket_.native_handle();
  return Stream(std::move(plain.socket_),
                tls::TlsSession::connect(std::move(context), fd, server_name, server));
}

Stream Stream::accepted(Socket socket, tls::ServerContextPtr context) {
  const int fd = socket.native_handle();
  return Stream(std::move(socket), tls::TlsSession::accept(std::move(context), fd));
}

void Stream::accept_tls(tls::ServerContextPtr context, std::span<const std::uint8_t> prefix) {
  tls_ = tls::TlsSession::accept(std::move(context), socket_.native_handle(), prefix);
}

Task<IoError> Stream::handshake() {
  for (;;) {
    const Step step = tls_->handshake();
    if (step == Step::done) {
      co_return IoError::none;
    }
    if (step == Step::closed) {
      co_return closed(*tls_);
    }
    if (step == Step::failed) {
      co_return failed(*tls_);
    }
    const IoError error = co_await wait(step);
    if (error != IoError::none) {
      co_return error;
    }
  }
}

// No coroutine: each of the many idle connections would hold its frame.
Task<IoError> Stream::wait_readable() {
  return wait(tls_ && tls_->has_pending() ? Step::done : Step::want_read);
}

Task<IoResult> Stream::read_some(std::span<std::uint8_t> into) {
  if (read_at_once_ >= kTurn) {
    const IoError error = co_await yield();
    if (error != IoError::none) {
      co_return IoResult{0, error};
    }
  }
  for (;;) {
    Step want = Step::done;
    const IoResult result = try_read(into, want);
    if (want == Step::done) {
      read_at_once_ += result.n;
      co_return result;
    }
    const IoError error = co_await wait(want);
    if (error != IoError::none) {
      co_return IoResult{0, error};
    }
  }
}

Task<IoResult> Stream::read_some(BufferPool& buffers, BufferPool::Block& block) {
  if (read_at_once_ >= kTurn) {
    const IoError error = co_await yield();
    if (error != IoError::none) {
      co_return IoResult{0, error};
    }
  }
  for (;;) {
    if (!block) {
      block = buffers.take();
    }
    Step want = Step::done;
    const IoResult result = try_read(block.span(), want);
    if (want == Step::done) {
      read_at_once_ += result.n;
      co_return result;
    }
    block.release();
    const IoError error = co_await wait(want);
    if (error != IoError::none) {
      co_return IoResult{0, error};
    }
  }
}

Task<IoError> Stream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    Step want = Step::done;
    const IoResult result = try_write(bytes, want);
    if (want == Step::done) {
      if (result.error != IoError::none) {
        co_return result.error;
      }
      bytes.remove_prefix(result.n);
      continue;
    }
    const IoError error = co_await wait(want);
    if (error != IoError::none) {
      co_return error;
    }
  }
  co_return IoError::none;
}

Task<IoError> Stream::finish_writing(End end) {
  while (tls_ && end == End::proper) {
    const Step step = tls_->shutdown();
    if (step != Step::want_write) {
      break;  // said, or the session is past saying anything; the FIN is due either way
    }
    const IoError error = co_await wait(step);
    if (error != IoError::none) {
      co_return error;
    }
  }
  boost::system::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  co_return error ? from_errno(error.value()) : IoError::none;
}

void Stream::cancel() {
  cancelled_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Stream::close() {
  if (tls_ && socket_.is_open()) {
    tls_->shutdown();  // as far as it goes without waiting
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Stream::abort() {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

bool Stream::quiet() {
  if (!socket_.is_open() || (tls_ && tls_->has_pending())) {
    return false;
  }
  const int fd = socket_.native_handle();
  if (has_nothing(fd)) {
    return true;
  }
  if (!tls_) {
    return false;  // FIN, or bytes that nobody asked for
  }
  // TLS 1.3 sends session tickets unasked: let the session take them, then nothing may be left.
  std::uint8_t unasked = 0;
  Step want = Step::done;
  drained_ = false;
  try_read({&unasked, 1}, want);
  return want == Step::want_read && has_nothing(fd);
}

bool Stream::has_input() const {
  return !has_nothing(const_cast<Socket&>(socket_).native_handle());
}

bool Stream::peer_gone() {
  pollfd one{};
  one.fd = socket_.native_handle();
  one.events = POLLRDHUP;
  if (::poll(&one, 1, 0) <= 0) {
    return false;
  }
  if ((one.revents & POLLRDHUP) != 0 && !std::exchange(half_closed_, true)) {
    probe_often(one.fd);
  }
  return (one.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

Task<void> Stream::discard_all() {
  IoError error = IoError::none;
  while (error == IoError::none) {
    // tcp(7): the bytes are dropped in the kernel, so there is no buffer.
    const auto n = ::recv(socket_.native_handle(), nullptr, kTurn, MSG_TRUNC);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
      co_return;
    }
    read_at_once_ += n > 0 ? static_cast<std::size_t>(n) : 0;
    if (n < 0) {
      error = co_await wait(Step::want_read);
    } else if (read_at_once_ >= kTurn) {
      error = co_await yield();
    }
  }
}

IoResult Stream::try_read(std::span<std::uint8_t> into, Step& want) {
  // A short message was all there was: asking again would be a system call to hear "not now". The
  // wait finds what has come meanwhile.
  if (std::exchange(drained_, false)) {
    want = Step::want_read;
    return {};
  }
  if (tls_) {
    const auto [step, n] = tls_->read(into);
    switch (step) {
      case Step::done:
        drained_ = n < kMessage && tls_->drained();
        return {n, IoError::none};
      case Step::closed:
        return {0, closed(*tls_)};
      case Step::failed:
        return {0, failed(*tls_)};
      default:
        want = step;
        return {};
    }
  }
  const auto n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  if (n > 0) {
    drained_ = static_cast<std::size_t>(n) < std::min(into.size(), kMessage);
    return {static_cast<std::size_t>(n), IoError::none};
  }
  if (n == 0) {
    return {0, IoError::eof};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    want = Step::want_read;
    return {};
  }
  return {0, from_errno(errno)};
}

IoResult Stream::try_write(std::string_view bytes, Step& want) {
  if (tls_) {
    const auto [step, n] =
        tls_->write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    switch (step) {
      case Step::done:
        return {n, IoError::none};
      case Step::closed:
        return {0, IoError::reset};
      case Step::failed:
        return {0, failed(*tls_)};
      default:
        want = step;
        return {};
    }
  }
  const auto n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) {
    return {static_cast<std::size_t>(n), IoError::none};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    want = Step::want_write;
    return {};
  }
  return {0, from_errno(errno)};
}

Task<IoError> Stream::yield() {
  read_at_once_ = 0;
  co_await asio::post(socket_.get_executor(), kUseTask);
  co_return std::exchange(cancelled_, false) ? IoError::cancelled : IoError::none;
}

Task<IoError> Stream::wait(Step want) {
  if (want == Step::done) {
    co_return IoError::none;
  }
  read_at_once_ = 0;
  drained_ = drained_ && want != Step::want_read;
  if (!std::exchange(cancelled_, false)) {
    const auto direction = want == Step::want_write ? asio::ip::tcp::socket::wait_write
                                                    : asio::ip::tcp::socket::wait_read;
    const auto [error] = co_await socket_.async_wait(direction, kAsTuple);
    if (!error) {
      co_return IoError::none;
    }
    cancelled_ = false;
    if (error != asio::error::operation_aborted) {
      co_return IoError::other;
    }
  }
  co_return IoError::cancelled;
}

}  // namespace chainmend::net
