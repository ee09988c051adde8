// The manual pages, in roff.
#pragma once

#include <CLI/App.hpp>
#include <map>
#include <string>

namespace chainmend::cli {

// chainmend(1): the program with all its commands, from the same descriptions, options and footers
// as the help.
std::string man_page(const CLI::App& program);

// chainmend-COMMAND(1).
std::string man_page_of(const CLI::App& command);

// All of these and the next, by file name.
std::map<std::string, std::string> man_pages(const CLI::App& program);

// chainmend.yaml(5): every key of the configuration, from its facts.
std::string config_man_page();

}  // namespace chainmend::cli
