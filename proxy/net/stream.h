// Stream: a connected TCP socket, with TLS on it or not, read and written by coroutines. The TLS
// part never waits (tls::TlsSession); only a Stream does: it tries the call, and when that would
// block, it waits until the socket is ready. A stream that waits holds no buffer.
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
  // Puts TLS, client side, on a connected plain stream; server_name is for SNI and verification,
  // server for sessions (tls::ClientContext::new_ssl()).
  static Stream secured(Stream plain, tls::ClientContextPtr context, const std::string& server_name,
                        const std::string& server = {});
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

  // Ends the direction from us to the peer; the other one stays open. End::proper sends
  // close_notify and FIN. End::cut_off sends FIN alone: a TLS peer sees that something is missing.
  enum class End { proper, cut_off };
  Task<IoError> finish_writing(End end = End::proper);

  // Ends the waits in progress with IoError::cancelled, or the next wait when there is none. A read
  // that never has to wait notices the call within a bounded number of bytes.
  void cancel();
  // Takes back a cancel() that has ended no wait yet.
  void resume() { cancelled_ = false; }
  // Both close the socket at once. abort() sends RST: the peer cannot take a part for the whole.
  void close();
  void abort();

  // The next bytes are TLS, and we are the server; prefix: bytes of it that were read already.
  void accept_tls(tls::ServerContextPtr context, std::span<const std::uint8_t> prefix);
  // The next bytes are plain: the first bytes of the peer turned out not to be TLS.
  void give_up_tls() { tls_.reset(); }

  tls::TlsSession* session() { return tls_.get(); }
  const tls::TlsSession* session() const { return tls_.get(); }
  const Socket& socket() const { return socket_; }
  // True when the peer has sent nothing and has not closed: another request may be sent to it.
  bool quiet();
  // True when bytes, or an end, wait in the kernel to be read.
  bool has_input() const;
  // True when nobody is there any more to read what we write. A FIN alone does not say so: who
  // closes one way may still wait for an answer. Who closed both ways has forgotten the connection
  // a minute later and answers a probe with a reset; from the FIN on we probe often.
  bool peer_gone();
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
  bool half_closed_ = false;      // the peer, as far as peer_gone() has seen
  bool drained_ = false;          // the last read seems to have taken all there was
  std::size_t read_at_once_ = 0;  // bytes read since the last wait or yield()
};

}  // namespace chainmend::net
