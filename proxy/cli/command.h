// Command: one subcommand of the program. Each lives in a file of its own, adds its options to
// CLI11 and is run by main.cpp when it was the one asked for. Commands print what the libraries
// return and decide nothing themselves. A new one is declared here and listed in main.cpp.
#pragma once

#include <CLI/App.hpp>
#include <functional>

namespace chainmend::cli {

// Exit codes that every command keeps to; kNo is the command's own bad news (no path, warnings).
inline constexpr int kOk = 0;
inline constexpr int kNo = 1;
inline constexpr int kBadInput = 2;

struct Command {
  CLI::App* app;             // owned by the parent
  std::function<int()> run;  // after parsing; returns the exit code
};

using AddCommand = Command (*)(CLI::App& parent);

Command chain_command(CLI::App& parent);
Command check_command(CLI::App& parent);
Command check_health_command(CLI::App& parent);
Command clients_command(CLI::App& parent);
Command config_command(CLI::App& parent);
Command explain_command(CLI::App& parent);
Command help_command(CLI::App& parent);
Command import_f5_command(CLI::App& parent);
Command init_command(CLI::App& parent);
Command lab_command(CLI::App& parent);
Command lint_command(CLI::App& parent);
Command measure_command(CLI::App& parent);
Command policies_command(CLI::App& parent);
Command probe_command(CLI::App& parent);
Command proxy_command(CLI::App& parent);
Command reload_command(CLI::App& parent);
Command run_command(CLI::App& parent);
Command top_command(CLI::App& parent);
Command upstream_command(CLI::App& parent);
Command version_command(CLI::App& parent);

}  // namespace chainmend::cli
