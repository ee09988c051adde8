// Decoder: makes UTF-8 of what Windows writes: UTF-16 with or without a byte order mark, UTF-8
// with one. Everything else stays as it is; bytes that are no UTF-8 are taken for Latin-1 where a
// text is shown (shown_text).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chainmend::diagnose {

class Decoder {
 public:
  // The block as UTF-8; good until the next call. The first block decides the encoding, so it
  // should have some bytes.
  std::string_view decode(std::string_view block);
  bool is_utf16() const {
    return encoding_ == Encoding::utf16_le || encoding_ == Encoding::utf16_be;
  }

 private:
  enum class Encoding : std::uint8_t { bytes, utf16_le, utf16_be };
  void choose(std::string_view& block);
  void append(char16_t unit);

  std::optional<Encoding> encoding_;
  std::optional<char> odd_;  // the first half of a unit whose second half has not come
  char16_t high_ = 0;        // a surrogate that waits for its other half
  std::string out_;
};

// text as it may be shown to people: as UTF-8, with Latin-1 where it is none, and without anything
// that a terminal would act on.
std::string shown_text(std::string_view text);

}  // namespace chainmend::diagnose
