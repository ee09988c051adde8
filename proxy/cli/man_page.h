// man_page(): the manual page of the program with all its commands, in roff, from the same
// descriptions, options and footers as the help.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace chainmend::cli {

std::string man_page(const CLI::App& program);

}  // namespace chainmend::cli
