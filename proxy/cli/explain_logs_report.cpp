#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "proxy/cli/explain_logs.h"
#include "proxy/cli/explain_report.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/log_causes.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using diagnose::FailureGroup;
using diagnose::FileReport;
using diagnose::LogCause;
using diagnose::shown_text;

// Raised when a key changes its meaning or goes; new keys may come at any time.
constexpr int kSchemaVersion = 1;
constexpr std::size_t kMaxFilesShown = 20;

std::string plural(std::uint64_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// "2016-12-21 15:01:37", and of the second only what differs from the first day.
std::string span_of(std::optional<certs::Time> first, std::optional<certs::Time> last) {
  if (!first) {
    return "";
  }
  const auto text = [](certs::Time time) {
    std::string iso = certs::format_time(time);
    iso[10] = ' ';
    return iso.substr(0, 19);
  };
  std::string from = text(*first);
  const std::string to = text(*last);
  if (from == to) {
    return from;
  }
  return from + " to " + (from.substr(0, 10) == to.substr(0, 10) ? to.substr(11) : to);
}

std::string name_of(const diagnose::Code& said, const diagnose::Code* why) {
  const std::string code = diagnose::explain_code(said).code;
  std::string text = code == said.name ? said.name : code + " " + said.name;
  if (why != nullptr) {
    text += ": " + (why->speaker == diagnose::Speaker::alert ? why->written + " " : "") + why->name;
  }
  return text;
}

void print_file(const Terminal& out, const FileReport& file) {
  std::string text =
      file.kind
          ? fmt::format("{}, {}", to_string(*file.kind),
                        plural(file.lines,
                               *file.kind == diagnose::LogKind::events_xml ? "element" : "line"))
          : "nothing was read";
  if (file.cut > 0) {
    text += fmt::format("; {} longer than 64 KiB, cut", plural(file.cut, "line"));
  }
  out.wrapped("", 0, shown_text(file.name) + ": " + text);
  if (file.bad.count > 0) {
    out.wrapped(
        "  ", 2,
        fmt::format("{} could not be read, the first at {}: {}", plural(file.bad.count, "line"),
                    file.bad.first, shown_text(file.bad.first_text)));
  }
}

std::string label_of(const FailureGroup& group) {
  std::string label = group.client.empty() ? "(not named)" : shown_text(group.client);
  return group.client_type.empty() ? label : label + " (" + shown_text(group.client_type) + ")";
}

// What one client asked for, how often it failed, and when; in a column behind its name.
void print_group(const Terminal& out, const FailureGroup& group, std::size_t column) {
  std::string label = "    " + label_of(group);
  if (label.size() + 2 > column) {
    out.line(label);
    label.clear();
  }
  label.resize(column, ' ');
  std::string text = group.path.empty() ? "" : shown_text(group.path) + ", ";
  text += plural(group.count, "time");
  if (const std::string span = span_of(group.first, group.last); !span.empty()) {
    text += ", " + span;
  }
  if (group.recovered) {
    text += "; went well later";
  }
  out.wrapped(label, column, text);
}

void print_groups(const Terminal& out, const LogCause& cause, std::size_t top) {
  constexpr std::size_t kMaxColumn = 40;
  const std::span shown(cause.groups.data(), std::min(top, cause.groups.size()));
  std::size_t column = 0;
  for (const FailureGroup* const group : shown) {
    column = std::max(column, label_of(*group).size() + 6);
  }
  out.line("  clients");
  for (const FailureGroup* const group : shown) {
    print_group(out, *group, std::min(column, kMaxColumn));
  }
  if (cause.groups.size() > top) {
    out.line(fmt::format("    and {} more; --top shows more of them", cause.groups.size() - top));
  }
}

// "stops 2 of 3 clients; 12 times (86 %), 2016-12-21 15:01:37 to 15:09:11"
std::string extent_of(const LogCause& cause, std::uint64_t total) {
  std::string text;
  if (cause.stopped > 0) {
    text = fmt::format("stops {} of {}; ", cause.stopped, plural(cause.clients, "client"));
  } else if (cause.clients > 0) {
    text = fmt::format("stops nobody, {} got through later; ", plural(cause.clients, "client"));
  }
  text += fmt::format("{} ({} %)", plural(cause.count, "time"),
                      (cause.count * 100 + total / 2) / total);
  if (cause.unnamed > 0 && cause.clients > 0) {
    text += fmt::format(", {} of them without a client", cause.unnamed);
  }
  const std::string span = span_of(cause.first, cause.last);
  return span.empty() ? text : text + ", " + span + " UTC";
}

void print_cause(const Terminal& out, const LogCause& cause, std::size_t number,
                 std::uint64_t total, std::size_t top) {
  const diagnose::Advice& advice = diagnose::advice_on(cause.problem);
  const std::string name = fmt::format("{}. {}: ", number, to_string(cause.problem));
  out.wrapped(out.styled(Style::bold, name), name.size(), advice.meaning);
  out.wrapped("  ", 2, extent_of(cause, total));
  for (std::size_t i = 0; i < std::min(top, cause.said.size()); ++i) {
    const diagnose::SaidCount& said = cause.said[i];
    out.wrapped(i == 0 ? "  said     " : "           ", 11,
                fmt::format("{} ({})", name_of(*said.said, said.why), plural(said.count, "time")));
  }
  print(out, advice);
  print_groups(out, cause, top);
}

Json time_json(std::optional<certs::Time> time) {
  return time ? Json(certs::format_time(*time)) : Json();
}

// Texts of logs may be no UTF-8; what is escaped for people is good for JSON, too.
Json text_json(std::string_view text) { return text.empty() ? Json() : Json(shown_text(text)); }

void print_json(const Terminal& out, const Json& json) {
  out.line(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json as_json(const FailureGroup& group) {
  return {{"client", text_json(group.client)},
          {"client_type", text_json(group.client_type)},
          {"path", text_json(group.path)},
          {"said", group.said->name},
          {"why", group.why != nullptr ? Json(group.why->name) : Json()},
          {"count", group.count},
          {"first", time_json(group.first)},
          {"last", time_json(group.last)},
          {"recovered", group.recovered}};
}

Json as_json(const FileReport& file) {
  return {{"file", shown_text(file.name)},
          {"type", file.kind ? Json(to_string(*file.kind)) : Json()},
          {"lines", file.lines},
          {"cut_lines", file.cut},
          {"bad_lines", file.bad.count},
          {"first_bad_line", file.bad.count > 0 ? Json(file.bad.first) : Json()},
          {"failure", text_json(file.failure)}};
}

Json others_json(const diagnose::Tally& tally) {
  Json others = Json::object();
  for (const auto& [status, count] : tally.others()) {
    others[std::to_string(status)] = count;
  }
  return others;
}

std::string others_text(const diagnose::Tally& tally) {
  std::string text;
  for (const auto& [status, count] : tally.others()) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", status, count);
  }
  return text;
}

}  // namespace

void print_logs(const LogArguments& arguments, const std::vector<FileReport>& files,
                const diagnose::Tally& tally) {
  const Terminal out(stdout);
  std::uint64_t lines = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    lines += files[i].lines;
    if (i < kMaxFilesShown || files[i].bad.count > 0) {
      print_file(out, files[i]);
    }
  }
  if (files.size() > kMaxFilesShown) {
    out.line(fmt::format("{} in all, {}", plural(files.size(), "file"), plural(lines, "line")));
  }
  const auto causes = diagnose::causes_of(tally);
  for (std::size_t i = 0; i < causes.size(); ++i) {
    out.line();
    print_cause(out, causes[i], i + 1, tally.count(), arguments.top);
  }
  out.line();
  if (causes.empty()) {
    out.line("Nothing in there is a failure that chainmend knows.");
  }
  if (!tally.others().empty()) {
    out.wrapped("", 0, "Not explained, by HTTP status: " + others_text(tally));
  }
  if (tally.left_out() > 0) {
    out.line(fmt::format("{} belong to more than {} different clients and paths, and are not shown",
                         plural(tally.left_out(), "failure"), diagnose::Tally::kMaxGroups));
  }
  if (tally.undated() > 0) {
    out.line(plural(tally.undated(), "failure") + " without a time left out by --since or --until");
  }
}

void print_logs_json(const LogArguments& arguments, const std::vector<FileReport>& files,
                     const diagnose::Tally& tally) {
  const Terminal out(stdout);
  for (const FileReport& file : files) {
    print_json(out, as_json(file));
  }
  for (const LogCause& cause : diagnose::causes_of(tally)) {
    Json json = {{"cause", to_string(cause.problem)}};
    json.update(as_json(diagnose::advice_on(cause.problem)));
    json.update(
        {{"count", cause.count},
         {"clients", cause.clients},
         {"stopped", cause.stopped},
         {"unnamed", cause.unnamed},
         {"first", time_json(cause.first)},
         {"last", time_json(cause.last)},
         {"groups", Json::array()},
         {"groups_left_out", cause.groups.size() - std::min(arguments.top, cause.groups.size())}});
    for (std::size_t i = 0; i < std::min(arguments.top, cause.groups.size()); ++i) {
      json["groups"].push_back(as_json(*cause.groups[i]));
    }
    print_json(out, json);
  }
  print_json(out, {{"schema", kSchemaVersion},
                   {"failures", tally.count()},
                   {"left_out", tally.left_out()},
                   {"undated", tally.undated()},
                   {"other_statuses", others_json(tally)}});
}

}  // namespace chainmend::cli
