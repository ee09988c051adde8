// The text of a listing: decoded, and cut into lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::diagnose {

struct ListingText {
  std::string utf8;
  std::vector<std::string> damages;  // what is wrong with it, a sentence each
};

// UTF-16 and UTF-8 with or without a mark, and single bytes, also one behind the other in the same
// text, as redirections of different programs write them. Linear in the size of bytes.
ListingText read_listing_text(certs::ByteView bytes);

// Borrowed from text, without line ends; the index is the number of the line, from 0. At most
// kMaxLines.
std::vector<std::string_view> lines_of(std::string_view text);

std::string_view without_blanks(std::string_view text);  // of blanks, also those that do not break
// In columns of a terminal: two for characters of Chinese, Japanese and Korean, and one for each
// byte that is no UTF-8.
std::size_t width_of(std::string_view text);
std::size_t indent_of(std::string_view line);  // leading blanks

bool is_hex_digit(char c);
// The digits of a value that is hex alone, with blanks or colons between them, in capitals; else
// empty.
std::string hex_digits(std::string_view text);

inline constexpr std::size_t kMaxListingBytes = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t kMaxLines = 1'000'000;
inline constexpr std::size_t kMaxListedText = 4096;  // of one value

}  // namespace chainmend::diagnose
