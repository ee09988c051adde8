// The line in front of a chunk (RFC 9112 7.1). Inside the codec only.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

#include "proxy/http/body.h"

namespace chainmend::http {

// The size in "1*HEXDIG [ extensions ]", given without CRLF and free of control bytes; 0 is the
// last chunk. Extensions are checked and mean nothing. Faults: bad_chunk_line, chunk_too_big.
tl::expected<std::uint64_t, BodyFault> parse_chunk_line(std::string_view line) noexcept;

}  // namespace chainmend::http
