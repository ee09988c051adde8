// Result<T>: a value, or why there is none. Every function in certs/ that can fail on its input
// returns one; exceptions mean bugs.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

namespace chainmend::certs {

enum class ErrorCode {
  cannot_read,            // the file is missing or unreadable; text says which and why
  not_recognised,         // the bytes are none of the formats we read
  malformed,              // the format is known, the content is broken
  empty,                  // well-formed, but holds nothing of what was asked for
  password_needed,        // encrypted, and no password was given
  wrong_password,         // encrypted with another password
  unsupported_algorithm,  // this OpenSSL cannot do it
  ambiguous,              // several private keys, and none was chosen
  key_mismatch,           // private key and leaf do not belong together
  no_path,                // no chain to a trusted root; the ChainResult says why
  blocked,                // refused by policy before it was tried (SSRF rules, limits)
  timeout,
  network,
  too_big,
};

// Error is one thing that went wrong, in words a reader can act on.
struct Error {
  ErrorCode code = ErrorCode::malformed;
  std::string text;      // one sentence, no trailing full stop, no secrets
  std::string where;     // file or URL; empty when the caller knows it better
  std::size_t line = 0;  // 1-based; 0 when the input has no lines

  // "ca.pem:12: text", or what of it is known.
  std::string describe() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string text, std::string where = {},
                                  std::size_t line = 0) {
  return tl::unexpected<Error>(Error{code, std::move(text), std::move(where), line});
}

}  // namespace chainmend::certs
