// The configuration explained to the operator: reference.yaml, and a file to begin with.
#pragma once

#include <string>

namespace chainmend::config {

// reference.yaml: every key with its default and meaning, and an example where it has none. parse()
// accepts it.
std::string reference();
// The same as a file to begin with, which the program accepts as it is: what is an example, and
// what names a file, is commented out, and one listener stands at the end that needs nothing else.
std::string starting_file();

}  // namespace chainmend::config
