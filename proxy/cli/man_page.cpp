#include "proxy/cli/man_page.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string_view>

#include "config/facts.h"
#include "config/reference.h"
#include "proxy/cli/help_format.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

// Text as roff prints it: hyphens that can be copied, and no line that begins a request.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool begins_line = out.empty() || out.back() == '\n';
    if (begins_line && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  }
  return out;
}

void add_option(const CLI::Option& option, std::string& page) {
  const bool positional = option.get_positional() && !option.nonpositional();
  page += ".TP\n\\fB" + escaped(option.get_name(positional, !positional)) + "\\fR" +
          escaped(positional ? "" : value_of(option)) + "\n" +
          escaped(option.get_description() + terms_of(option)) + "\n";
}

// Examples keep their lines; the rest is a paragraph.
void add_footer(const CLI::App& command, std::string& page) {
  std::istringstream lines(command.get_footer());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(' ')) {
      page += ".nf\n" + escaped(line) + "\n.fi\n";
    } else {
      page += ".PP\n" + escaped(line) + "\n";
    }
  }
}

void add_command(const CLI::App& command, std::string& page) {
  page += ".SS " + escaped(command.get_name()) + "\n" + escaped(command.get_description()) + ".\n";
  for (const CLI::Option* option : command.get_options()) {
    add_option(*option, page);
  }
  add_footer(command, page);
}

std::string title(const char* name, int section, const char* manual) {
  return std::string(".TH ") + name + " " + std::to_string(section) + " \"\" \"chainmend " +
         kVersion + "\" \"" + manual + "\"\n";
}

void add_key(const config::FoundFact& found, std::string& page) {
  const config::Fact& fact = *found.fact;
  page += ".TP\n.B " + escaped(found.path) + "\n" + escaped(fact.key.words) + ".\n.br\n";
  std::string value = "Value: " + value_text(fact) + ".";
  if (fact.required) {
    value += " Required.";
  } else if (!has_keys(fact) && !fact.default_value.empty()) {
    value += " Default: " + fact.default_value + ".";
  }
  if (!fact.key.instead_of.empty()) {
    value += " Instead of " + std::string(fact.key.instead_of) + ".";
  }
  page += escaped(value) + "\n";
}

}  // namespace

std::string config_man_page() {
  std::string page = title("CHAINMEND.YAML", 5, "File Formats") +
                     ".SH NAME\nchainmend.yaml \\- configuration of chainmend\n.SH DESCRIPTION\n" +
                     "YAML, read by the commands of\n.BR chainmend (1).\n" +
                     "A * in a key stands for a name that you give.\n";
  for (const config::Convention& one : config::kConventions) {
    page += ".TP\n.B " + escaped(one.what) + "\n" + escaped(one.how) + "\n";
  }
  page += ".SH KEYS\n";
  for (const config::FoundFact& found : config::all_facts()) {
    if (found.path.find('.') == std::string::npos) {
      page += ".SS " + escaped(found.path) + "\n";
    }
    add_key(found, page);
  }
  return page + ".SH FILES\n.I ./chainmend.yaml\n.br\n.I /etc/chainmend/chainmend.yaml\n" +
         ".SH SEE ALSO\n.BR chainmend (1)\n";
}

std::string man_page(const CLI::App& program) {
  const std::string name = "chainmend: ";  // which the section has already
  std::string description = program.get_description();
  description.erase(0, description.starts_with(name) ? name.size() : 0);
  std::string page = title("CHAINMEND", 1, "User Commands") + ".SH NAME\nchainmend \\- " +
                     escaped(description) +
                     "\n.SH SYNOPSIS\n.B chainmend\n.I COMMAND\n[OPTIONS]\n.SH COMMANDS\n";
  for (const CLI::App* command : program.get_subcommands({})) {
    add_command(*command, page);
  }
  page += ".SH OPTIONS\n";
  for (const CLI::Option* option : program.get_options()) {
    add_option(*option, page);
  }
  page += ".SH NOTES\n";
  add_footer(program, page);
  return page;
}

std::string man_page_of(const CLI::App& command) {
  const std::string name = "chainmend-" + command.get_name();
  std::string upper = name;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  std::string page = title(upper.c_str(), 1, "User Commands") + ".SH NAME\n" + escaped(name) +
                     " \\- " + escaped(command.get_description()) +
                     "\n.SH SYNOPSIS\n.B chainmend " + escaped(command.get_name()) +
                     "\n[OPTIONS]\n.SH OPTIONS\n";
  for (const CLI::Option* option : command.get_options()) {
    add_option(*option, page);
  }
  page += ".SH NOTES\n";
  add_footer(command, page);
  return page + ".SH SEE ALSO\n.BR chainmend (1),\n.BR chainmend.yaml (5)\n";
}

std::map<std::string, std::string> man_pages(const CLI::App& program) {
  std::map<std::string, std::string> pages{{"chainmend.1", man_page(program)},
                                           {"chainmend.yaml.5", config_man_page()}};
  for (const CLI::App* command : program.get_subcommands({})) {
    pages["chainmend-" + command->get_name() + ".1"] = man_page_of(*command);
  }
  return pages;
}

}  // namespace chainmend::cli
