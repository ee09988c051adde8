// read_value for plain values: what each type accepts, and what is said when it is something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "config/config.h"
#include "config/yaml_reader.h"

namespace chainmend::config {

// How a number is written, and its bounds.
struct Count {
  std::uint64_t least;
  std::uint64_t most;
};
struct Bytes {
  std::uint64_t least;
  std::uint64_t most;
};

void read_value(const Cursor& at, bool& out);
void read_value(const Cursor& at, std::size_t& out, const Count& bounds);
void read_value(const Cursor& at, std::size_t& out, const Bytes& bounds);
// A duration, at least `least` and at most a year.
void read_value(const Cursor& at, Milliseconds& out, const Milliseconds& least = Milliseconds(1));
// A file name, made absolute; it may be a pattern or a folder where the caller says so.
void read_value(const Cursor& at, Path& out);
// The same for one that must be there.
struct InputFile {};
void read_value(const Cursor& at, Path& out, const InputFile& how);
void read_value(const Cursor& at, Endpoint& out);
void read_value(const Cursor& at, TlsVersion& out);
void read_value(const Cursor& at, LogLevel& out);
void read_value(const Cursor& at, AiaMode& out);
void read_value(const Cursor& at, OnIncomplete& out);
void read_value(const Cursor& at, Serve& out);
void read_value(const Cursor& at, Weak& out);
void read_value(const Cursor& at, Via& out);
void read_value(const Cursor& at, Mode& out);
void read_value(const Cursor& at, ProxyProtocol& out);
void read_value(const Cursor& at, HelloFormat& out);
void read_value(const Cursor& at, Network& out);

// Whether the value is the word `off` (or no, or false).
bool is_off(const Cursor& at);

// A value that `off` takes away.
struct OrOff {};
template <typename T>
void read_value(const Cursor& at, std::optional<T>& out, const OrOff& /*how*/) {
  if (is_off(at)) {
    out.reset();
  } else {
    read_value(at, out);
  }
}

// A name that this value defines, or one defined elsewhere. Names become labels of metrics, hence
// their alphabet.
struct Defines {
  Names::Kind kind;
};
struct RefersTo {
  Names::Kind kind;
};
void read_value(const Cursor& at, std::string& out, const Defines& how);
void read_value(const Cursor& at, std::string& out, const RefersTo& how);

// A number that TLS gives a suite or an extension: 0x002f or 47.
struct TlsNumber {};
void read_value(const Cursor& at, std::uint16_t& out, const TlsNumber& how);

// The bits of a Diffie-Hellman group for the DHE suites.
struct DhBits {};
void read_value(const Cursor& at, unsigned& out, const DhBits& how);

// A word of letters, digits, - and _: what OpenSSL calls a cipher, suite or group.
struct OpensslName {};
void read_value(const Cursor& at, std::string& out, const OpensslName& how);

}  // namespace chainmend::config
