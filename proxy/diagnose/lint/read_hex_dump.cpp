#include "proxy/diagnose/lint/read_hex_dump.h"

#include <utility>

#include "proxy/diagnose/lint/listing_text.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kBytesInLine = 16;
constexpr std::size_t kMaxGap = 2;  // blanks between bytes; more stand before the characters
constexpr std::size_t kMaxBytes = 64 * 1024;  // no certificate is longer
constexpr std::uint8_t kSequence = 0x30;

int value_of(char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; }

// Appends the bytes of a line whose offset is the count of those before it. False: it is no line
// of this dump.
bool take_line(std::string_view line, certs::Bytes& bytes) {
  line.remove_prefix(indent_of(line));
  std::size_t digits = 0;
  while (digits < line.size() && is_hex_digit(line[digits])) {
    ++digits;
  }
  std::size_t offset = 0;
  for (const char digit : line.substr(0, digits < 9 ? digits : 0)) {
    offset = offset * 16 + static_cast<std::size_t>(value_of(digit));
  }
  if (digits < 4 || digits > 8 || digits == line.size() || offset != bytes.size()) {
    return false;
  }
  line.remove_prefix(digits);
  if (line.front() == ':') {
    line.remove_prefix(1);
  }
  std::size_t taken = 0;
  while (taken < kBytesInLine) {
    const std::size_t gap = indent_of(line);
    if (taken > 0 && gap > kMaxGap) {
      break;
    }
    const std::string_view next = line.substr(gap);
    if (next.size() < 2 || !is_hex_digit(next[0]) || !is_hex_digit(next[1])) {
      break;
    }
    bytes.push_back(static_cast<std::uint8_t>(value_of(next[0]) * 16 + value_of(next[1])));
    ++taken;
    line = next.substr(2);
  }
  return taken > 0;
}

}  // namespace

Listing read_hex_dump(std::string_view text) {
  Listing found;
  certs::Bytes bytes;
  std::size_t begun = 0;
  std::size_t number = 0;
  const auto finish = [&] {
    if (!bytes.empty() && bytes.front() == kSequence && bytes.size() <= kMaxBytes) {
      if (auto certificate = certs::Certificate::from_der(bytes)) {
        found.stored.push_back({.certificate = std::move(*certificate), .line = begun});
      }
    }
    bytes.clear();
  };
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (!bytes.empty() && take_line(line, bytes)) {
      continue;
    }
    finish();
    if (found.stored.size() == kMaxListed) {
      break;
    }
    if (take_line(line, bytes)) {
      begun = number;
    }
  }
  finish();
  return found;
}

}  // namespace chainmend::diagnose
