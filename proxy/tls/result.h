// Result<T> of the tls library: a value, or one sentence that says why there is none.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace chainmend::tls {

struct Error {
  std::string text;  // one sentence, no trailing full stop, no secrets
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string text) {
  return tl::unexpected<Error>(Error{std::move(text)});
}

}  // namespace chainmend::tls
