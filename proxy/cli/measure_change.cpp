#include "proxy/cli/measure_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/json_text.h"
#include "proxy/cli/measure_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/measure/change.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {
namespace {

using diagnose::Change;
using diagnose::Direction;
using diagnose::MeasuredRate;
using Json = nlohmann::ordered_json;

constexpr std::size_t kMostOfFile = std::size_t{64} * 1024 * 1024;

certs::Result<std::vector<MeasuredRate>> read(const char* option, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostOfFile + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto refuse = [&](const std::string& why) {
    return certs::fail(certs::ErrorCode::malformed, std::string(option) + " " + path + ": " + why);
  };
  if (!file.is_open() || file.bad()) {
    return refuse("it cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostOfFile) {
    return refuse("it is longer than 64 MiB");
  }
  auto rates = read_measurement(text);
  return rates ? std::move(rates) : refuse(rates.error().text);
}

std::string percent(double share) { return fmt::format("{:.0f} %", share * 100); }

std::string rate_text(const diagnose::Rate& rate) {
  return rate.attempts == 0 ? "not measured" : percent(*rate.value());
}

std::string sure_text(const diagnose::Rate& rate) {
  const diagnose::Interval sure = diagnose::confidence_interval(rate);
  return fmt::format("{:.0f} to {}", sure.low * 100, percent(sure.high));
}

const char* comment(Direction direction) {
  switch (direction) {
    case Direction::worse:
      return "; this got worse";
    case Direction::perhaps_better:
    case Direction::perhaps_worse:
      return "; chance alone may explain the difference, more attempts (--count) tell";
    case Direction::only_before:
      return "; not measured afterwards";
    case Direction::only_after:
      return "; not measured before";
    default:
      return "";
  }
}

// "Lync Phone Edition" of "Lync Phone Edition: CX500, CX600".
std::string name_of(const MeasuredRate& rate) {
  return rate.software.empty() ? rate.client : rate.software.substr(0, rate.software.find(':'));
}

// "Lync Phone Edition: 0 % -> 100 % (0/20 -> 20/20; 95 % confidence 0 to 16 % -> 84 to 100 %)"
std::string sentence(const Change& change, bool with_target) {
  const MeasuredRate& known = change.known();
  const diagnose::Rate& was = change.before.success;
  const diagnose::Rate& is = change.after.success;
  std::string name = name_of(known);
  if (with_target) {
    name += " at " + known.target;
  }
  std::string numbers = fmt::format("{}: {} -> {}", name, rate_text(was), rate_text(is));
  if (was.attempts != 0 && is.attempts != 0) {
    numbers += fmt::format(" ({}/{} -> {}/{}; 95 % confidence {} -> {})", was.successes,
                           was.attempts, is.successes, is.attempts, sure_text(was), sure_text(is));
  }
  return logs::visible(numbers + comment(change.direction));
}

std::string names_of(const std::vector<Change>& all, Direction direction) {
  std::string names;
  for (const Change& change : all) {
    if (change.direction == direction) {
      const MeasuredRate& known = change.known();
      names += (names.empty() ? "" : ", ") + name_of(known);
    }
  }
  return names;
}

Json side(const MeasuredRate& rate) {
  if (rate.success.attempts == 0) {
    return {};
  }
  const diagnose::Interval sure = diagnose::confidence_interval(rate.success);
  return {{"target", rate.target},
          {"attempts", rate.success.attempts},
          {"succeeded", rate.success.successes},
          {"success_rate", *rate.success.value()},
          {"confidence_95", {sure.low, sure.high}}};
}

void print_json(const std::vector<Change>& all, bool with_target) {
  Json list = Json::array();
  for (const Change& change : all) {
    list.push_back({{"client", change.known().client},
                    {"direction", to_string(change.direction)},
                    {"before", side(change.before)},
                    {"after", side(change.after)},
                    {"text", sentence(change, with_target)}});
  }
  Terminal(stdout).line(ascii_text({{"schema", 1}, {"changes", list}}));
}

void print_text(const std::vector<Change>& all, bool with_target) {
  const Terminal out(stdout);
  std::size_t same = 0;
  for (const Change& change : all) {
    if (change.direction == Direction::same) {
      ++same;
      continue;
    }
    const Style style = change.direction == Direction::better  ? Style::good
                        : change.direction == Direction::worse ? Style::bad
                                                               : Style::warning;
    const std::string mark = change.direction == Direction::better  ? "+ "
                             : change.direction == Direction::worse ? "- "
                                                                    : "? ";
    out.wrapped(out.styled(style, mark), 2, sentence(change, with_target));
  }
  if (same != 0) {
    out.wrapped("= ", 2, "the same: " + logs::visible(names_of(all, Direction::same)));
  }
  const std::string worse = names_of(all, Direction::worse);
  out.line(worse.empty() ? "Nothing got worse." : "Worse: " + logs::visible(worse) + ".");
}

}  // namespace

int compare_measurements(const MeasureArguments& arguments) {
  const auto before = read("--before", arguments.before);
  const auto after = read("--after", arguments.after);
  for (const auto* side : {&before, &after}) {
    if (!*side) {
      fail(side->error().text);
    }
  }
  if (!before || !after) {
    return kBadInput;
  }
  const std::vector<Change> all = diagnose::changes(*before, *after);
  if (all.empty()) {
    return fail("there is nothing to compare: neither file has a row");
  }
  const bool with_target = std::ranges::any_of(all, [&](const Change& change) {
    return change.known().target != all.front().known().target;
  });
  if (arguments.json) {
    print_json(all, with_target);
  } else {
    print_text(all, with_target);
  }
  return std::ranges::find(all, Direction::worse, &Change::direction) == all.end() ? kOk : kNo;
}

}  // namespace chainmend::cli
