// RecordReader: the TLS records of one direction (RFC 5246 6.2.1, RFC 8446 5.1) with the handshake
// messages and alerts in those that are not encrypted, from bytes that come in pieces of any size.
// Pure. Messages may be spread over records, and records over pieces. What does not look like a
// record ends the reading for good; whoever the bytes are for will say what is wrong with them.
// Nothing is allocated by a length field: of a message that is wanted, memory follows what has
// come, up to a bound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "certs/bytes.h"

namespace chainmend::tls {

enum class RecordType : std::uint8_t {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
  heartbeat = 24,
};

enum class MessageType : std::uint8_t {
  server_hello = 2,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  client_key_exchange = 16,
};

struct RecordEvent {
  enum class Kind : std::uint8_t {
    none,     // the bytes are used up
    message,  // a handshake message in the clear is whole
    alert,    // in the clear
    record,   // a record is whole; comes after the events of what is in it
    broken,   // these are no TLS records; said once
  };
  Kind kind = Kind::none;
  RecordType record{};               // kind record
  std::size_t size = 0;              // of the record's content, or of the message's body
  MessageType message{};             // kind message
  bool kept = false;                 // kind message: body() is what it says
  std::uint8_t level = 0, code = 0;  // kind alert
};

class RecordReader {
 public:
  // Which messages' bodies body() gives, up to kMaxBody each.
  enum class Keep : std::uint8_t {
    nothing,
    certificates,  // ServerHello and Certificate
    flight,        // everything that a server says before it waits for the client
  };
  explicit RecordReader(Keep keep) : keep_(keep) {}

  // The next event of bytes; takes what it has read off their front. Call until there is none.
  RecordEvent next(certs::ByteView& bytes);
  // Records that begin from here on are encrypted.
  void seal() { sealed_ = true; }
  bool sealed() const { return sealed_; }
  // Of the message just told of, when it was kept; until the next call.
  const certs::Bytes& body() const { return body_; }

  // A longer body is passed over.
  static constexpr std::size_t kMaxBody = std::size_t{64} * 1024;

 private:
  static constexpr std::size_t kRecordHeader = 5;
  static constexpr std::size_t kMessageHeader = 4;

  bool read_record_header(certs::ByteView& bytes);  // false: not whole yet
  bool header_is_sane() const;
  RecordEvent read_handshake(certs::ByteView& bytes);
  RecordEvent read_alert(certs::ByteView& bytes);
  std::uint8_t take_byte(certs::ByteView& bytes);
  void begin_message();
  bool keeps(MessageType type) const;

  std::array<std::uint8_t, kRecordHeader> header_{};
  std::array<std::uint8_t, kMessageHeader> start_{};  // of a message
  std::array<std::uint8_t, 2> alert_{};
  std::uint8_t header_size_ = 0;
  std::uint8_t start_size_ = 0;
  std::uint8_t alert_size_ = 0;
  Keep keep_;
  bool sealed_ = false;  // the records from now on
  bool opaque_ = false;  // this record
  bool broken_ = false;
  bool keeping_ = false;          // this message
  std::size_t left_ = 0;          // of this record
  std::size_t message_left_ = 0;  // of this message
  certs::Bytes body_;
};

}  // namespace chainmend::tls
