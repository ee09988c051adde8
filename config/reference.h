// The configuration explained to the operator: every key in one text, and a file to begin with.
// Both are written from the facts.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace chainmend::config {

// How values of a kind are written, wherever they stand.
struct Convention {
  std::string_view what;
  std::string_view how;
};
inline constexpr std::array kConventions = {
    Convention{"Paths", "relative ones start at this file's folder"},
    Convention{"Durations", "500ms 10s 65m 1h 2d; more than 0, at most 365d"},
    Convention{"Sizes", "1000 64KiB 10MiB 2GiB"},
    Convention{"Names", "a-z 0-9 _ . - ; the names you give are the labels in metrics and logs"},
    Convention{"Lists", "a list of one may be written without brackets"},
    Convention{"IPv6", "in quotes: \"[::]:443\""},
};

// Every key with its default and meaning, and an example where it has none. parse() accepts it.
std::string reference();
// The same as a file to begin with, which the program accepts as it is: what is an example, and
// what names a file, is commented out, and one listener stands at the end that needs nothing else.
std::string starting_file();

}  // namespace chainmend::config
