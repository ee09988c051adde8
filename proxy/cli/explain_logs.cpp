#include "proxy/cli/explain_logs.h"

#include <csignal>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "config/quote.h"
#include "config/values.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/log_files.h"

namespace chainmend::cli {

namespace {

std::atomic<bool> g_stop = false;

// Ctrl-C ends the reading, not the report: a pipe need not end by itself.
class StopOnInterrupt {
 public:
  StopOnInterrupt() {
    g_stop = false;
    struct sigaction action{};
    action.sa_handler = [](int) { g_stop = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one ends the program
    ::sigaction(SIGINT, &action, &before_);
  }
  ~StopOnInterrupt() { ::sigaction(SIGINT, &before_, nullptr); }
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

 private:
  struct sigaction before_{};
};

// Unset, with a message, when the option has no time.
std::optional<std::optional<certs::Time>> time_option(const char* option, const std::string& text) {
  if (text.empty()) {
    return std::optional<certs::Time>();
  }
  if (const auto time = certs::parse_time(text)) {
    return std::optional(*time);
  }
  fail(std::string(option) + ": expected a time such as 2016-12-21 or 2016-12-21T15:00:00Z, not " +
       config::quote(text));
  return std::nullopt;
}

std::string kinds() {
  std::string all;
  for (const char* const name : diagnose::kLogKindNames) {
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return all;
}

}  // namespace

int explain_logs(const LogArguments& arguments) {
  const auto kind = diagnose::kLogKindNames.find(arguments.type);
  if (!arguments.type.empty() && !kind) {
    return fail("--type: there is no " + config::quote(arguments.type) + "; known are " + kinds());
  }
  const auto since = time_option("--since", arguments.since);
  const auto until = time_option("--until", arguments.until);
  if (!since || !until) {
    return kBadInput;
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  diagnose::TallyFilter filter{*since, *until, arguments.client, {}};
  filter.network = config::parse_network(arguments.client);
  const StopOnInterrupt interrupt;
  diagnose::LogReading reading(std::move(filter), kind, now, g_stop);
  diagnose::LogFiles found = diagnose::log_files(arguments.paths);
  std::vector<diagnose::FileReport> files;
  bool is_whole = found.problems.empty();
  for (const std::string& problem : found.problems) {
    fail(diagnose::shown_text(problem));
  }
  for (const std::string& path : found.files) {
    if (g_stop) {
      break;
    }
    files.push_back(reading.read(path));
    if (!files.back().failure.empty()) {
      fail(diagnose::shown_text(path + ": " + files.back().failure));
      is_whole = false;
    }
  }
  (arguments.json ? print_logs_json : print_logs)(arguments, files, reading.tally());
  if (!is_whole) {
    return kBadInput;
  }
  return reading.tally().count() > 0 ? kNo : kOk;
}

}  // namespace chainmend::cli
