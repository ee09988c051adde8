#include "proxy/http/field_line.h"

#include <limits>

namespace chainmend::http {

tl::expected<Field, HeadFault> parse_field_line(std::string_view line) noexcept {
  const std::size_t end = span_of(line, kToken);
  if (end == 0 || end == line.size() || line[end] != ':') {
    if (!line.empty() && trim(line.substr(0, 1)).empty()) {
      return tl::unexpected(HeadFault::folded_field);
    }
    const std::string_view rest = trim(line.substr(end));
    const bool only_space_between = end != 0 && rest.starts_with(':');
    return tl::unexpected(only_space_between ? HeadFault::space_before_colon
                                             : HeadFault::bad_field_name);
  }
  const std::string_view name = line.substr(0, end);
  return Field{name, trim(line.substr(end + 1)), field_id(name)};
}

std::optional<std::uint64_t> parse_number(std::string_view digits) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (digits.empty()) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is(c, kDigit)) {
      return std::nullopt;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMax - digit) / 10) {
      return std::nullopt;
    }
    value = value * 10 + digit;
  }
  return value;
}

bool list_has(std::string_view value, std::string_view word) noexcept {
  ListReader list(value);
  for (std::string_view element; list.next(element);) {
    if (same_name(element, word)) {
      return true;
    }
  }
  return false;
}

}  // namespace chainmend::http
