// What is said when the command line does not fit: which word is wrong, what was probably meant,
// and where the help is.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace chainmend::cli {

// Prints what `error` asks for: the help or the version on standard output, anything else as an
// error. Returns the exit code of the program.
int answer(const CLI::App& program, const CLI::ParseError& error);

// "there is no command "chekc"; did you mean "check"?"
std::string no_such_command(const CLI::App& program, const std::string& word);

}  // namespace chainmend::cli
