// Completion of our command line in shells, written from the same commands and options as the help.
#pragma once

#include <CLI/App.hpp>
#include <array>
#include <string>

#include "proxy/enums/names.h"

namespace chainmend::cli {

enum class Shell { bash, zsh, fish };
inline constexpr enums::Names<Shell> kShellNames{"bash", "zsh", "fish"};

// The file that the shell reads.
std::string completion(const CLI::App& program, Shell shell);

}  // namespace chainmend::cli
