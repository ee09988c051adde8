#include "proxy/http/head_scanner.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "proxy/http/characters.h"

namespace chainmend::http {
namespace {

// One is required, a second does no harm (RFC 9112 2.2).
constexpr std::size_t kEmptyLinesBeforeRequest = 2;

// Index of the first byte below 0x20 or equal to 0x7f, from `from` on; eight bytes at a time (the
// usual SWAR test for "some byte is less than n").
std::size_t skip_plain(std::string_view text, std::size_t from) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  while (from + sizeof(std::uint64_t) <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + from, sizeof word);
    const std::uint64_t deleted = word ^ (kOnes * 0x7f);
    const std::uint64_t special = ((word - kOnes * 0x20) & ~word) | ((deleted - kOnes) & ~deleted);
    if ((special & kHighBits) != 0) {
      if constexpr (std::endian::native == std::endian::little) {
        return from + static_cast<std::size_t>(std::countr_zero(special & kHighBits)) / 8;
      }
      break;
    }
    from += sizeof word;
  }
  while (from < text.size() && text[from] != '\t' && !is(text[from], kControl)) {
    ++from;
  }
  return from;
}

Scan bad(HeadFault fault) noexcept { return {Scan::State::bad, 0, fault}; }

}  // namespace

Scan HeadScanner::scan(std::string_view received) noexcept {
  const std::string_view window = received.substr(0, limits_.bytes);
  for (;;) {
    position_ = skip_plain(window, position_);
    if (position_ == window.size()) {
      break;
    }
    const char c = window[position_];
    if (c == '\t') {
      ++position_;
      continue;
    }
    if (c != '\r') {
      return bad(c == '\n' ? HeadFault::bare_lf : HeadFault::control_byte);
    }
    if (position_ + 1 == window.size()) {
      break;  // the CR is looked at again when its LF is there
    }
    if (window[position_ + 1] != '\n') {
      return bad(HeadFault::bare_cr);
    }
    const Scan ended = end_line();
    if (ended.state != Scan::State::need_more) {
      return ended;
    }
  }
  if (window.size() < limits_.bytes) {
    return {};
  }
  const bool in_request_line = kind_ == HeadKind::request && lines_ == 0;
  return bad(in_request_line ? HeadFault::target_too_long : HeadFault::head_too_big);
}

Scan HeadScanner::end_line() noexcept {
  const bool empty = position_ == line_start_;
  position_ += 2;
  line_start_ = position_;
  if (!empty) {
    ++lines_;
    return {};
  }
  if (lines_ > 0) {
    return {Scan::State::complete, position_, {}};
  }
  ++empty_lines_;
  const bool tolerated = kind_ == HeadKind::request && empty_lines_ <= kEmptyLinesBeforeRequest;
  return tolerated ? Scan{} : bad(HeadFault::bad_start_line);
}

void HeadScanner::reset() noexcept { position_ = line_start_ = lines_ = empty_lines_ = 0; }

}  // namespace chainmend::http
