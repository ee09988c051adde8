// Text as characters: for checks of what a file holds, and for messages that repeat it.
#pragma once

#include <boost/locale/utf.hpp>
#include <string_view>

namespace chainmend::config {

struct Character {
  char32_t code = 0;
  std::string_view bytes;  // of the text; one byte when it is no UTF-8
  bool valid = false;      // UTF-8: neither cut off nor overlong, and no surrogate
};

// The character that text begins with; text is not empty.
inline Character first_character(std::string_view text) {
  const char* next = text.begin();
  const auto code = boost::locale::utf::utf_traits<char>::decode(next, text.end());
  if (!boost::locale::utf::is_valid_codepoint(code)) {
    return {0, text.substr(0, 1), false};  // the decoder may have taken the start of a good one
  }
  return {code, {text.begin(), next}, true};
}

}  // namespace chainmend::config
