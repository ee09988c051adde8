// HelpFormat: the help of every command in 80 columns: what it does, how to write it, its options,
// and its footer: examples (indented lines, left as they are) and exit status.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace chainmend::cli {

// What stands behind the name of an option: "FILE", "PATH ...", "NAME=my-phones"; with a blank
// before it, or empty.
std::string value_of(const CLI::Option& option);
// What else holds of it: "; required", "; only with --aia".
std::string terms_of(const CLI::Option& option);

class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat();
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_positionals(const CLI::App* app) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* app) const override;
};

}  // namespace chainmend::cli
