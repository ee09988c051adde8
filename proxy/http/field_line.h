// One field line and the lists inside field values, for heads and trailers. Inside the codec only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "proxy/http/characters.h"
#include "proxy/http/fault.h"
#include "proxy/http/head.h"

namespace chainmend::http {

// Parses "name: value", given without its CRLF and free of control bytes (RFC 9112 5).
tl::expected<Field, HeadFault> parse_field_line(std::string_view line) noexcept;

// 1*DIGIT up to 2^63-1, nothing else.
std::optional<std::uint64_t> parse_number(std::string_view digits) noexcept;

// ListReader walks the elements of a comma-separated value (RFC 9110 5.6.1), empty ones included,
// each without surrounding white space. Quoted strings get no special treatment: no list that we
// read has any that matter.
class ListReader {
 public:
  explicit ListReader(std::string_view value) noexcept : rest_(value) {}

  // False behind the last element.
  bool next(std::string_view& element) noexcept {
    if (ended_) {
      return false;
    }
    const std::size_t comma = rest_.find(',');
    element = trim(rest_.substr(0, comma));
    ended_ = comma == std::string_view::npos;
    rest_.remove_prefix(ended_ ? rest_.size() : comma + 1);
    return true;
  }

 private:
  std::string_view rest_;
  bool ended_ = false;
};

// True when one of the elements is this word, in any case.
bool list_has(std::string_view value, std::string_view word) noexcept;

}  // namespace chainmend::http
