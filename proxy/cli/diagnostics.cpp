#include "proxy/cli/diagnostics.h"

#include "proxy/cli/command.h"

namespace chainmend::cli {

void print(const Terminal& terminal, Style style, const char* severity,
           const config::Diagnostics& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics) {
    const std::string where = diagnostic.at.line == 0 && diagnostic.at.file.empty()
                                  ? ""
                                  : diagnostic.at.describe() + ": ";
    const std::string label = diagnostic.severity == config::Severity::warning
                                  ? terminal.styled(Style::warning, "warning")
                                  : terminal.styled(style, severity);
    terminal.line(where + label + ": " + diagnostic.text);
  }
}

int fail(const std::string& text) {
  const Terminal err(stderr);
  err.line(err.styled(Style::bad, "error") + ": " + text);
  return kBadInput;
}

}  // namespace chainmend::cli
