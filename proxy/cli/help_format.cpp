#include "proxy/cli/help_format.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace chainmend::cli {

namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTextAt = 26;  // column where the explanations begin

// The words of `text` in lines of at most kWidth columns, all but the first indented. `column`: how
// far the first line is already written.
std::string wrapped(const std::string& text, std::size_t column, std::size_t indent) {
  std::string out;
  bool begins_line = true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!begins_line && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      begins_line = true;
    }
    out += (begins_line ? "" : " ") + word;
    column += word.size() + (begins_line ? 0 : 1);
    begins_line = false;
  }
  return out;
}

// The term on the left, its explanation on the right.
std::string entry(const std::string& term, const std::string& text) {
  std::string out = "  " + term;
  if (out.size() + 2 > kTextAt) {
    out += "\n";
    out += std::string(kTextAt, ' ');
  } else {
    out.resize(kTextAt, ' ');
  }
  return out + wrapped(text, kTextAt, kTextAt) + "\n";
}

}  // namespace

std::string value_of(const CLI::Option& option) {
  if (option.get_type_size() == 0 || option.get_type_name().empty()) {
    return "";
  }
  return " " + option.get_type_name() +
         (option.get_default_str().empty() ? "" : "=" + option.get_default_str()) +
         (option.get_expected_max() == CLI::detail::expected_max_vector_size ? " ..." : "");
}

std::string terms_of(const CLI::Option& option) {
  std::string terms = option.get_required() ? "; required" : "";
  for (const CLI::Option* needed : option.get_needs()) {
    terms += "; only with " + needed->get_name();
  }
  for (const CLI::Option* excluded : option.get_excludes()) {
    terms += "; not with " + excluded->get_name();
  }
  return terms;
}

HelpFormat::HelpFormat() { label("Positionals", "Arguments"); }

std::string HelpFormat::make_usage(const CLI::App* app, std::string /*name*/) const {
  const bool is_program = app->get_parent() == nullptr;
  std::string usage = "\nUsage: chainmend";
  usage += is_program ? " COMMAND [OPTIONS]" : " " + app->get_name() + " [OPTIONS]";
  for (const CLI::Option* option : app->get_options()) {
    if (option->get_positional()) {
      usage += " " + make_option_usage(option);
    }
  }
  return usage + "\n";
}

// Those that can also be given by an option are explained there.
std::string HelpFormat::make_positionals(const CLI::App* app) const {
  const auto arguments = app->get_options(
      [](const CLI::Option* one) { return one->get_positional() && !one->nonpositional(); });
  return arguments.empty() ? "" : make_group(get_label("Positionals"), true, arguments);
}

std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name = option->get_name(is_positional, !is_positional);
  return entry(is_positional ? name : name + value_of(*option),
               option->get_description() + terms_of(*option));
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  return entry(command->get_name(), command->get_description());
}

std::string HelpFormat::make_footer(const CLI::App* app) const {
  std::string out;
  std::istringstream lines(app->get_footer());
  for (std::string line; std::getline(lines, line);) {
    out += (line.starts_with(' ') ? line : wrapped(line, 0, 2)) + "\n";
  }
  return out;
}

}  // namespace chainmend::cli
