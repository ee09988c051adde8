// RequestHead and ResponseHead: one parsed message head. A head owns a copy of its bytes, and
// everything else in it is a view into that copy: the caller's read buffer is free again at once,
// and a head that is parsed into a second time allocates nothing (clear() keeps every capacity).
// Movable, not copyable. Used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy/http/field_id.h"

namespace chainmend::http {

inline constexpr std::string_view kUnset;  // an optional text that is not given

// 1.2 and up is treated as 1.1 (RFC 9110 2.5).
enum class Version : std::uint8_t { http10, http11 };

// Framing: where a body ends (RFC 9112 6.3).
struct Framing {
  enum class Kind : std::uint8_t { none, length, chunked, until_close };
  Kind kind = Kind::none;
  std::uint64_t length = 0;  // bytes, with Kind::length

  static Framing none() { return {}; }
  static Framing of_length(std::uint64_t bytes) { return {Kind::length, bytes}; }
  static Framing chunked() { return {Kind::chunked, 0}; }
  static Framing until_close() { return {Kind::until_close, 0}; }
  bool operator==(const Framing&) const = default;
};

// HeadLimits: over either of them a head is refused: 431, or 414 for a request line that fills it.
struct HeadLimits {
  std::size_t bytes = std::size_t{64} * 1024;  // whole head with its closing empty line
  std::size_t fields = 128;
};

// Field: one field line. The name is a token, spelled as received; the value has no surrounding
// white space, no CR, LF, NUL or other control byte but HTAB.
struct Field {
  std::string_view name;
  std::string_view value;
  FieldId id = FieldId::other;
};

// MessageHead: what both kinds share. Filled by parse_request() and parse_response() only.
struct MessageHead {
  MessageHead() = default;
  MessageHead(MessageHead&&) = default;
  MessageHead& operator=(MessageHead&&) = default;
  MessageHead(const MessageHead&) = delete;
  MessageHead& operator=(const MessageHead&) = delete;

  std::vector<Field> fields;                         // in the order received
  std::vector<std::string_view> connection_options;  // what Connection lists, spelled as received

  Version version = Version::http11;
  Framing framing;
  // As announced, also where no body follows (HEAD, 304).
  std::optional<std::uint64_t> content_length;
  // The sender lets the connection live on (RFC 9112 9.3).
  bool keep_alive = true;
  // Protocols offered or chosen (RFC 9110 7.8). Empty unless Connection lists it too, from
  // HTTP/1.0, and when a request offers HTTP or TLS (h2c): requests inside that tunnel would get
  // past every rule. Clear it in a request to refuse the upgrade: it is then neither asked for
  // upstream nor accepted from there.
  std::string_view upgrade;

  // The first field of this name, or nullptr. Compares without regard to case; prefer the id where
  // there is one.
  const Field* find(std::string_view name) const noexcept;
  const Field* find(FieldId id) const noexcept;
  // True when Connection lists the name.
  bool connection_lists(std::string_view name) const noexcept;

  // The bytes behind all views; of use to the parser only.
  std::vector<char> storage;

 protected:
  ~MessageHead() = default;
  void clear_common() noexcept;
};

// The authority-form (CONNECT) is refused.
enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

struct RequestHead : MessageHead {
  std::string_view method;  // any token, case-sensitive
  std::string_view target;  // as received
  TargetForm form = TargetForm::origin;
  // Without query; "/" when an absolute-form had none, "*" for the asterisk-form.
  std::string_view path;
  std::string_view query;  // with its '?'; empty when there is none
  // Host and port of the target URI: from the absolute-form, else from Host. All empty only on
  // HTTP/1.0 without Host.
  std::string_view authority;         // "mail.example.com:443", "[::1]": what Host says upstream
  std::string_view host;              // without port, brackets kept
  std::optional<std::uint16_t> port;  // unset: none was written
  bool https_target = false;          // absolute-form with the https scheme
  bool expects_continue = false;      // Expect: 100-continue from a 1.1 client (RFC 9110 10.1.1)
  // On OPTIONS and TRACE only; at 0 answer it, do not forward it (RFC 9110 7.6.2).
  std::optional<std::uint64_t> max_forwards;

  bool is_head() const noexcept { return method == "HEAD"; }
  // Forgets the message, keeps the memory.
  void clear() noexcept;
};

struct ResponseHead : MessageHead {
  unsigned status = 0;      // 100..599
  std::string_view reason;  // may be empty

  // 1xx other than 101: another head follows on the same connection.
  bool interim() const noexcept { return status < 200 && status != 101; }
  // Forgets the message, keeps the memory.
  void clear() noexcept;
};

}  // namespace chainmend::http
