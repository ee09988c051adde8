#include "proxy/cli/import_f5_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using diagnose::shown_text;
using diagnose::f5::ImportedFile;
using diagnose::f5::LedgerLine;
using diagnose::f5::Outcome;
using diagnose::f5::Problem;

// Raised when a key changes its meaning or goes; new keys may come at any time.
constexpr int kSchemaVersion = 1;

Style style_of(const LedgerLine& line) {
  switch (line.outcome) {
    case Outcome::mapped:
      return Style::good;
    case Outcome::approximated:
      return Style::warning;
    case Outcome::not_needed:
      return Style::dim;
    default:
      return line.guards || line.outcome == Outcome::refused ? Style::bad : Style::warning;
  }
}

// "label: text" in lines of 80 columns.
void labelled(const Terminal& out, const std::string& indent, Style style, const std::string& label,
              const std::string& text) {
  out.wrapped(indent + out.styled(style, label) + ": ", indent.size() + label.size() + 2,
              shown_text(text));
}

void print(const Terminal& out, const LedgerLine& line) {
  std::string what = line.property;
  if (line.line > 0) {
    what += fmt::format("{}(line {})", what.empty() ? "" : " ", line.line);
  }
  labelled(out, "  ", style_of(line), to_string(line.outcome),
           what + (what.empty() ? "" : ": ") + line.how);
}

std::string counted(const ImportReport& report) {
  std::string text;
  for (std::size_t i = 0; i < enums::count<Outcome>(); ++i) {
    const auto outcome = static_cast<Outcome>(i);
    const auto count = std::ranges::count(report.import.lines, outcome, &LedgerLine::outcome);
    text += (text.empty() ? "" : ", ") + fmt::format("{} {}", count, to_string(outcome));
  }
  return text;
}

Json as_json(const LedgerLine& line) {
  return {{"outcome", to_string(line.outcome)},
          {"kind", line.kind},
          {"object", line.object},
          {"property", line.property},
          {"file", line.file},
          {"line", line.line},
          {"how", line.how},
          {"guards", line.guards}};
}

}  // namespace

bool is_whole(const ImportReport& report) {
  const auto& import = report.import;
  return report.problems.empty() && import.left_out.empty() &&
         std::ranges::none_of(
             import.lines,
             [](const LedgerLine& one) { return one.outcome == Outcome::not_mapped; }) &&
         std::ranges::all_of(import.files, &ImportedFile::is_at_hand);
}

void print(const Terminal& out, const ImportReport& report) {
  std::string object;
  for (const LedgerLine& line : report.import.lines) {
    const std::string name = line.kind + " " + line.object + ", " + line.file;
    if (name != object) {
      out.line((object.empty() ? "" : "\n") + out.styled(Style::bold, shown_text(name)));
      object = name;
    }
    print(out, line);
  }
  out.line();
  for (const Problem& one : report.problems) {
    labelled(out, "", Style::warning, "not read",
             fmt::format("{}:{}: {}", one.file, one.line, one.text));
  }
  for (const std::string& one : report.import.left_out) {
    labelled(out, "", Style::bad, "left out", one);
  }
  for (const ImportedFile& file : report.import.files) {
    if (!file.is_at_hand) {
      labelled(out, "", Style::warning, "missing",
               fmt::format("{}: put {} there, or name its folder by --cert-dir", file.name,
                           file.object));
    }
  }
  out.wrapped("", 0,
              fmt::format("{} virtual{} taken, {} left out; properties: {}", report.import.taken,
                          report.import.taken == 1 ? "" : "s", report.import.left_out.size(),
                          counted(report)));
  if (report.import.taken > 0 && !report.folder.empty()) {
    out.line("Written: " + out.styled(Style::bold, shown_text(report.folder + "/chainmend.yaml")));
    out.line("Next: " +
             shown_text(fmt::format("chainmend check {0}/chainmend.yaml", report.folder)));
  }
}

void print_json(const Terminal& out, const ImportReport& report) {
  Json lines = Json::array();
  for (const LedgerLine& line : report.import.lines) {
    lines.push_back(as_json(line));
  }
  Json files = Json::array();
  for (const ImportedFile& file : report.import.files) {
    files.push_back({{"file", file.name},
                     {"object", file.object},
                     {"secret", file.is_secret},
                     {"at_hand", file.is_at_hand}});
  }
  Json problems = Json::array();
  for (const Problem& one : report.problems) {
    problems.push_back({{"file", one.file}, {"line", one.line}, {"text", one.text}});
  }
  const Json all = {{"schema", kSchemaVersion},
                    {"whole", is_whole(report)},
                    {"taken", report.import.taken},
                    {"left_out", report.import.left_out},
                    {"folder", report.folder.empty() ? Json() : Json(report.folder)},
                    {"yaml", report.import.yaml},
                    {"lines", lines},
                    {"files", files},
                    {"problems", problems}};
  out.line(all.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace chainmend::cli
