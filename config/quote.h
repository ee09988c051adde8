// quote: text from the file as it may stand in a message.
#pragma once

#include <string>
#include <string_view>

namespace chainmend::config {

// text in double quotes, cut after 40 bytes (between characters); characters that cannot be seen
// are written as <U+200B>, and bytes that are no UTF-8 as <0xE1>.
std::string quote(std::string_view text);

// text without the characters that cannot be seen.
std::string visible(std::string_view text);

// "a, b, c"; after 16 words "...".
template <typename Words>
std::string join(const Words& words) {
  std::string out;
  std::size_t count = 0;
  for (const std::string_view word : words) {
    if (++count > 16) {
      return out + ", ...";
    }
    out += (out.empty() ? "" : ", ") + std::string(word);
  }
  return out;
}

}  // namespace chainmend::config
