// Stream: a connected TCP socket, with TLS on it or not, read and written by coroutines. The TLS
// part never waits (tls::TlsSession); this is the one place that does: call, and if the answer is
// "not yet", wait until the socket is ready. Waiting holds no buffer.
//
// Lives on its loop's thread. One coroutine may read while another writes; no more than that. Time
// limits are the caller's: a Deadline that calls cancel() ends a wait with IoError::cancelled.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proxy/enums/names.h"
#include "proxy/net/buffer_pool.h"
#include "proxy/net/task.h"
#include "proxy/tls/session.h"

namespace chainmend::net {

namespace asio = boost::asio;

enum class IoError {
  none,
  eof,        // the peer finished properly (FIN; under TLS, close_notify)
  truncated,  // FIN under TLS without close_notify: what was read may not be all
  reset,      // RST, or a broken pipe on writing
  cancelled,  // cancel() was called: a deadline passed or the server stops
  tls,        // TLS failed: bad record, alert; see session()->trace()
  other,
};
inline constexpr enums::Names<IoError> kIoErrorNames{
    "none",      "closed",      "closed without close_notify", "reset", "timed out",
    "TLS error", "socket error"};
constexpr const char* to_string(IoError error) { return kIoErrorNames[error]; }

struct IoResult {
  std::size_t n = 0;
  IoError error = IoError::none;
};

class Stream {
 public:
  // Takes the socket and makes it non-blocking; its options are set already (socket_options.h).
  // tls may be null: plain TCP.
  explicit Stream(Socket socket, std::unique_ptr<tls::TlsSession> tls = nullptr);
  // Puts TLS, client side, on a connected plain stream; server_name is for SNI and verification.
  static Stream secured(Stream plain, tls::ClientContextPtr context,
                        const std::string& server_name);
  // The same for the server side.
  static Stream accepted(Socket socket, tls::ServerContextPtr context);
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;

  // TLS handshake, either side. tls: it failed, and an alert we owed has been sent.
  Task<IoError> handshake();

  // Returns when a read will not wait: bytes, end or error.
  Task<IoError> wait_readable();

  // At least one byte, or why not.
  Task<IoResult> read_some(std::span<std::uint8_t> into);

  // The same into a block that is taken from the pool when there are bytes and given back while
  // there are none.
  Task<IoResult> read_some(BufferPool& buffers, BufferPool::Block& block);

  // All of it, or why not.
  Task<IoError> write_all(std::string_view bytes);

  // Says "no more bytes from me". End::proper: close_notify and FIN; End::cut_off: FIN alone, so
  // that a TLS peer can tell that something is missing. The other direction stays open.
  enum class End { proper, cut_off };
  Task<IoError> finish_writing(End end = End::proper);

  // Ends the waits in progress with cancelled; where there is none, the next one. A read that goes
  // on without waiting notices it within a bounded number of bytes.
  void cancel();
  // Forgets a cancel() that no wait has seen.
  void resume() { cancelled_ = false; }
  // Closes at once. abort: with RST, so that a peer cannot take a cut-off body for a whole one.
  void close();
  void abort();

  // Speaks TLS from here on, server side; prefix: what was read of it already.
  void accept_tls(tls::ServerContextPtr context, std::span<const std::uint8_t> prefix);
  // Speaks plainly from here on: for a peer whose first bytes were no TLS.
  void give_up_tls() { tls_.reset(); }

  tls::TlsSession* session() { return tls_.get(); }
  const Socket& socket() const { return socket_; }
  // True when the peer has sent nothing and not closed: fit for another request.
  bool quiet();
  // True when nobody is there any more to read what we write. A FIN alone says so only under TLS:
  // who closes a plain connection one way may still wait for an answer.
  bool peer_gone() const;
  // Reads and forgets bytes as they come, under TLS too, until the peer closes or cancel().
  Task<void> discard_all();

 private:
  IoResult try_read(std::span<std::uint8_t> into, tls::Step& want);
  IoResult try_write(std::string_view bytes, tls::Step& want);
  Task<IoError> wait(tls::Step want);
  // Lets the others of this loop have their turn.
  Task<IoError> yield();

  Socket socket_;
  std::unique_ptr<tls::TlsSession> tls_;
  bool cancelled_ = false;
  bool drained_ = false;          // by the last read, as far as it could see
  std::size_t read_at_once_ = 0;  // bytes since the last wait or yield
};

}  // namespace chainmend::net
