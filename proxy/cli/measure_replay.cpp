#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/json_text.h"
#include "proxy/cli/measure_change.h"
#include "proxy/cli/named_policies.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/measure/policy_replay.h"
#include "proxy/logs/escape.h"
#include "proxy/tls/shadow_policy.h"

namespace chainmend::cli {
namespace {

using diagnose::RecordedHellos;
using diagnose::ReplayedType;
using Json = nlohmann::ordered_json;

// What of the file is not among the hellos.
void tell_what_is_missing(const std::string& file, const RecordedHellos& read) {
  const Terminal err(stderr);
  const auto note = [&](const std::string& text) {
    err.line(err.styled(Style::warning, "note") + ": " + file + ": " + text);
  };
  if (read.bad != 0) {
    note(fmt::format("{} of {} lines are no handshakes; the first: {}", read.bad, read.lines,
                     read.first_bad));
  }
  if (read.without_hello != 0) {
    note(fmt::format("{} of {} handshakes were logged without their hello", read.without_hello,
                     read.lines));
  }
  if (read.left_out != 0) {
    note(fmt::format("{} hellos more than can be kept were left out", read.left_out));
  }
}

void print_table(const Terminal& out, const std::string& policy, const RecordedHellos& recorded,
                 const std::vector<ReplayedType>& rows) {
  out.line(fmt::format("{} recorded hellos under policy {}: by versions and suites",
                       recorded.hellos.size(), policy));
  out.line();
  std::vector<std::vector<std::string>> cells;
  cells.reserve(rows.size());
  for (const ReplayedType& row : rows) {
    cells.push_back({logs::visible(row.client_type),
                     fmt::format("{}/{}", row.accepted.successes, row.accepted.attempts),
                     fmt::format("{:.0f} %", *row.accepted.value() * 100),
                     std::to_string(row.version_refused), std::to_string(row.suite_refused)});
  }
  out.table({"CLIENT TYPE", "ACCEPTED", "", "NO VERSION", "NO SUITE"}, cells);
}

// Of each hello, in the order of the file.
Json verdicts(const RecordedHellos& recorded, const tls::ShadowPolicy& policy) {
  Json list = Json::array();
  for (const diagnose::RecordedHello& one : recorded.hellos) {
    const tls::Reason refusal = diagnose::refusal_of(one.hello, policy);
    list.push_back({{"client_type", one.client_type},
                    {"server_name", one.hello.server_name},
                    {"offered_max_version", clients::version_label(one.hello.max_version())},
                    {"accepted", refusal == tls::Reason::none},
                    {"reason", tls::to_string(refusal)}});
  }
  return list;
}

void print_json(const Terminal& out, const tls::ShadowPolicy& policy,
                const RecordedHellos& recorded, const std::vector<ReplayedType>& rows) {
  Json list = Json::array();
  for (const ReplayedType& row : rows) {
    list.push_back({{"client_type", row.client_type},
                    {"hellos", row.accepted.attempts},
                    {"accepted", row.accepted.successes},
                    {to_string(tls::Reason::version_unsupported), row.version_refused},
                    {to_string(tls::Reason::no_shared_cipher), row.suite_refused}});
  }
  out.line(ascii_text({{"schema", 1},
                       {"policy", policy.name()},
                       {"client_types", list},
                       {"hellos", verdicts(recorded, policy)}}));
}

}  // namespace

certs::Result<RecordedHellos> read_hellos(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      return certs::fail(certs::ErrorCode::malformed, "--hellos " + file + ": it cannot be read");
    }
  }
  RecordedHellos read = diagnose::read_recorded_hellos(file == "-" ? std::cin : opened);
  tell_what_is_missing(file, read);
  if (read.hellos.empty()) {
    return certs::fail(certs::ErrorCode::malformed,
                       "--hellos " + file +
                           ": it holds no recorded hello; chainmend writes them to "
                           "logs.handshakes.file when logs.handshakes.hellos is true");
  }
  return read;
}

int replay_policy(const MeasureArguments& arguments) {
  const auto policies = load_named_policies(arguments.config_file);
  if (!policies) {
    return kBadInput;
  }
  const auto named = std::ranges::find(*policies, arguments.policy, &tls::TlsPolicy::name);
  if (named == policies->end()) {
    return no_such_policy(arguments.policy, *policies);
  }
  const auto shadow = tls::ShadowPolicy::of(*named);
  if (!shadow) {
    return fail("the policy " + arguments.policy + " does not work: " + shadow.error().text);
  }
  const auto recorded = read_hellos(arguments.hellos);
  if (!recorded) {
    return fail(recorded.error().text);
  }
  const std::vector<ReplayedType> rows = diagnose::replay(*recorded, *shadow);
  const Terminal out(stdout);
  if (arguments.json) {
    print_json(out, *shadow, *recorded, rows);
  } else {
    print_table(out, arguments.policy, *recorded, rows);
  }
  return std::ranges::all_of(rows,
                             [](const ReplayedType& row) {
                               return row.accepted.successes == row.accepted.attempts;
                             })
             ? kOk
             : kNo;
}

}  // namespace chainmend::cli
