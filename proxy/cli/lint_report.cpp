#include "proxy/cli/lint_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using diagnose::LintFinding;
using diagnose::Place;
using diagnose::Severity;
using diagnose::shown_text;

// Raised when a key changes its meaning or goes; new keys may come at any time.
constexpr int kSchemaVersion = 1;
constexpr std::size_t kIndent = 11;  // columns of "  place    "

std::string plural(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

Style style_of(Severity severity) {
  return severity == Severity::error     ? Style::bad
         : severity == Severity::warning ? Style::warning
                                         : Style::dim;
}

std::string text_of(const Place& place) {
  return place.file + (place.line > 0 ? fmt::format(":{}", place.line) : "") +
         (place.entry > 0 ? fmt::format(", entry {}", place.entry) : "");
}

void part(const Terminal& out, std::string label, const std::string& text) {
  if (!text.empty()) {
    label.resize(kIndent - 2, ' ');
    out.wrapped("  " + label, kIndent, shown_text(text));
  }
}

// Empty: nobody asked.
std::string used_by_text(const LintFinding& one) {
  if (!one.used_by) {
    return "";
  }
  if (one.used_by->empty()) {
    return "nothing that --used-by names";
  }
  std::string text;
  for (const std::string& user : *one.used_by) {
    text += (text.empty() ? "" : "; ") + user;
  }
  return text +
         ". Windows finds it among the intermediates as well: move it, and delete it only "
         "when these have another chain";
}

void print(const Terminal& out, const LintFinding& one) {
  const std::string severity = to_string(one.finding.severity);
  out.line(out.styled(style_of(one.finding.severity), severity) + ": " +
           out.styled(Style::bold, one.finding.id));
  part(out, "place", text_of(one.place));
  part(out, "subject", one.subject);
  part(out, "sha1", one.thumbprint);
  part(out, "says", one.finding.text);
  part(out, "fix", one.finding.fix);
  part(out, "used by", used_by_text(one));
  out.line();
}

std::string count_of(const LintReport& report) {
  std::string counts;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    const auto count = std::ranges::count_if(report.findings, [severity](const LintFinding& one) {
      return one.finding.severity == severity;
    });
    counts +=
        (counts.empty() ? "" : ", ") + plural(static_cast<std::size_t>(count), to_string(severity));
  }
  return counts;
}

std::string certificates_of(const LintReport& report) {
  if (report.listed == 0) {
    return plural(report.certificates, "certificate");
  }
  return (report.certificates == 0 ? "" : plural(report.certificates, "certificate") + " and ") +
         plural(report.listed, "listed certificate");
}

Json number_or_null(std::size_t number) { return number == 0 ? Json() : Json(number); }

Json as_json(const LintFinding& one) {
  return {{"id", one.finding.id},
          {"severity", to_string(one.finding.severity)},
          {"file", one.place.file},
          {"entry", number_or_null(one.place.entry)},
          {"line", number_or_null(one.place.line)},
          {"subject", one.subject},
          {"thumbprint", one.thumbprint},
          {"text", one.finding.text},
          {"fix", one.finding.fix},
          {"used_by", one.used_by ? Json(*one.used_by) : Json()}};
}

}  // namespace

void print(const Terminal& out, const LintReport& report) {
  for (const LintFinding& one : report.findings) {
    print(out, one);
  }
  std::string where = report.files > 0 ? " in " + plural(report.files, "file") : "";
  if (!report.servers.empty()) {
    where += (where.empty() ? "" : " and") + (" at " + plural(report.servers.size(), "server"));
  }
  out.wrapped(out.styled(Style::bold, report.kind) + ": ", report.kind.size() + 2,
              certificates_of(report) + where + "; " + count_of(report));
  for (const std::string& fact : report.facts) {
    out.wrapped("  ", 2, shown_text(fact));
  }
  if (!report.ignored.empty()) {
    out.wrapped(
        "  ", 2,
        shown_text(fmt::format("{} in folders without a certificate, such as {}",
                               plural(report.ignored.size(), "file"), report.ignored.front())));
  }
}

void print_json(const Terminal& out, const LintReport& report) {
  Json findings = Json::array();
  for (const LintFinding& one : report.findings) {
    findings.push_back(as_json(one));
  }
  const Json all = {{"schema", kSchemaVersion},
                    {"kind", report.kind},
                    {"files", report.files},
                    {"servers", report.servers},
                    {"certificates", report.certificates},
                    {"listed", report.listed},
                    {"failed", report.failed},
                    {"facts", report.facts},
                    {"findings", findings},
                    {"ignored", report.ignored}};
  out.line(all.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_rules(const Terminal& out) {
  std::vector<std::vector<std::string>> rows;
  for (const diagnose::RuleLine& rule : diagnose::all_rules()) {
    rows.push_back({std::string(rule.id), std::string(rule.info.kinds),
                    to_string(rule.info.severity), std::string(rule.info.what)});
  }
  out.table({"id", "kind", "severity", "looks for"}, rows);
}

}  // namespace chainmend::cli
