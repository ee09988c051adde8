// `chainmend explain FILE`: what failed in logs, for whom, and what mends it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/diagnose/read/log_reading.h"

namespace chainmend::cli {

struct LogArguments {
  std::vector<std::string> paths;
  std::string type;   // of LogKind; empty: each file tells
  std::string since;  // ISO 8601; empty: no limit
  std::string until;
  std::string client;  // address, network or name; empty: all
  std::size_t top = 10;
  bool json = false;
};

// The exit code: 0 nothing failed, 1 something did, 2 a file could not be read or an option is
// wrong.
int explain_logs(const LogArguments& arguments);

void print_logs(const LogArguments& arguments, const std::vector<diagnose::FileReport>& files,
                const diagnose::Tally& tally);
// One JSON object a line: files, causes, and a summary.
void print_logs_json(const LogArguments& arguments, const std::vector<diagnose::FileReport>& files,
                     const diagnose::Tally& tally);

}  // namespace chainmend::cli
