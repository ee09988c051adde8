// How text of strangers is printed: as a value in a line of the human log, and for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chainmend::logs {

inline constexpr std::size_t kMaxValueBytes =
    1024;  // of input; the rest is cut and marked with ...

// Appends value to out: bare when it is a plain word, else in double quotes with C-like escapes.
// Escaped are quotes, backslash, control characters (C0, DEL and C1), invisible and
// direction-changing characters, and every byte that is not part of valid UTF-8, as \xNN per byte.
// Other UTF-8 stays readable.
void append_value(std::string& out, std::string_view value);

// Text that came from elsewhere, made fit for a terminal: control, invisible and
// direction-changing characters and bytes that are no UTF-8 become \xNN per byte, all else stays.
std::string visible(std::string_view text);

}  // namespace chainmend::logs
