// SocketBio: what OpenSSL reads from and writes to: a borrowed non-blocking socket, with three
// things that OpenSSL's own socket BIO lacks. Writes raise no SIGPIPE; bytes that were already read
// can be put back in front; and during a handshake every write succeeds at once, so that an alert
// is never lost to a full socket: what the socket does not take waits here and flush() says when it
// is gone.
#pragma once

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chainmend::tls {

class SocketBio {
 public:
  explicit SocketBio(int fd) : fd_(fd) {}
  SocketBio(const SocketBio&) = delete;
  SocketBio& operator=(const SocketBio&) = delete;

  // A BIO over this object, which must outlive it.
  BIO* new_bio();

  // These bytes are read before those of the socket.
  void put_back(std::span<const std::uint8_t> bytes) { prefix_.assign(bytes.begin(), bytes.end()); }
  bool has_put_back() const { return !prefix_.empty(); }

  // Ends the handshake's regime: forgets the first flight, and writes report a full socket from now
  // on.
  void end_handshake();
  // The first bytes received, at most `limit` of them.
  void keep_first_flight(std::size_t limit) { keep_ = limit; }
  // Keeps what there is of it beyond the end of the handshake, until it is told to forget it.
  void keep_beyond_handshake() { keeps_beyond_ = true; }
  void forget_first_flight() { std::vector<std::uint8_t>().swap(first_flight_); }
  std::span<const std::uint8_t> first_flight() const { return first_flight_; }

  // Before each call of OpenSSL: how often it may read from the socket until it is told "not now".
  // It goes on by itself through records without application data (KeyUpdate), and a peer that
  // sends them faster than we take them would keep it there for ever.
  void begin_call() { reads_left_ = kReadsPerCall; }

  // A FIN is due: what is written from now on leaves with it, in one segment.
  void hold_for_fin() { flags_ |= MSG_MORE; }

  // False: the socket is full, wait until it can be written. True also when it is broken.
  bool flush();

  std::size_t received() const { return received_; }
  // The last recv() left room: as far as it could see, there was no more.
  bool drained() const { return drained_; }
  bool eof() const { return eof_; }        // the peer closed its side
  bool broken() const { return broken_; }  // reset, or another error of the socket

 private:
  static constexpr int kReadsPerCall = 4;

  static const BIO_METHOD* method();
  static int on_read(BIO* bio, char* into, int size) noexcept;
  static int on_write(BIO* bio, const char* from, int size) noexcept;
  static long on_control(BIO* bio, int command, long number, void* pointer) noexcept;

  // Bytes moved; 0 at the peer's end; -1 not now; -2 broken.
  int receive(std::span<std::uint8_t> into);
  int send(std::span<const std::uint8_t> bytes);

  int fd_;
  int flags_ = MSG_NOSIGNAL;
  int reads_left_ = 0;
  bool drained_ = false;
  bool eof_ = false;
  bool broken_ = false;
  bool in_handshake_ = true;
  std::size_t keep_ = 0;
  std::size_t received_ = 0;
  std::vector<std::uint8_t> prefix_;
  std::vector<std::uint8_t> first_flight_;
  bool keeps_beyond_ = false;
  std::vector<std::uint8_t> unsent_;
};

}  // namespace chainmend::tls
