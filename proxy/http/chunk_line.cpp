#include "proxy/http/chunk_line.h"

#include <charconv>
#include <limits>

#include "proxy/http/characters.h"

namespace chainmend::http {
namespace {

constexpr std::uint64_t kMaxChunk = std::numeric_limits<std::int64_t>::max();

// Length of a quoted-string at the start (RFC 9110 5.6.4), 0 when there is none. Controls were
// refused before.
std::size_t quoted_string_length(std::string_view text) noexcept {
  if (!text.starts_with('"')) {
    return 0;
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      return i + 1;
    }
    if (text[i] == '\\') {
      ++i;
    }
  }
  return 0;
}

void skip_space(std::string_view& text) noexcept {
  while (text.starts_with(' ') || text.starts_with('\t')) {
    text.remove_prefix(1);
  }
}

// chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ), RFC 9112 7.1.1.
bool valid_extensions(std::string_view text) noexcept {
  while (!text.empty()) {
    skip_space(text);
    if (!text.starts_with(';')) {
      return false;
    }
    text.remove_prefix(1);
    skip_space(text);
    const std::size_t name = span_of(text, kToken);
    if (name == 0) {
      return false;
    }
    text.remove_prefix(name);
    std::string_view behind = text;
    skip_space(behind);
    if (!behind.starts_with('=')) {
      continue;
    }
    behind.remove_prefix(1);
    skip_space(behind);
    const std::size_t value =
        behind.starts_with('"') ? quoted_string_length(behind) : span_of(behind, kToken);
    if (value == 0) {
      return false;
    }
    text = behind.substr(value);
  }
  return true;
}

}  // namespace

tl::expected<std::uint64_t, BodyFault> parse_chunk_line(std::string_view line) noexcept {
  const char* const begin = line.data();
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(begin, begin + line.size(), size, 16);
  if (error == std::errc::result_out_of_range || size > kMaxChunk) {
    return tl::unexpected(BodyFault::chunk_too_big);
  }
  if (error != std::errc{} || !valid_extensions({end, begin + line.size()})) {
    return tl::unexpected(BodyFault::bad_chunk_line);
  }
  return size;
}

}  // namespace chainmend::http
