// What pipelines read: SARIF 2.1.0 (OASIS) and the XML of JUnit.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "proxy/cli/lint_report.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using diagnose::LintFinding;
using diagnose::shown_text;

// A path as relative or absolute URI reference (RFC 3986): what is not unreserved is escaped.
std::string as_uri(std::string_view path) {
  std::string uri;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::string message_of(const LintFinding& one) {
  return (one.subject.empty() ? "" : one.subject + ": ") + one.finding.text +
         (one.finding.fix.empty() ? "" : "\nFix: " + one.finding.fix);
}

// Each id once, although some are looked for in several kinds of input.
Json sarif_rules() {
  Json rules = Json::array();
  std::set<std::string_view> seen;
  for (const diagnose::RuleLine& rule : diagnose::all_rules()) {
    if (seen.insert(rule.id).second) {
      rules.push_back({{"id", rule.id},
                       {"shortDescription", {{"text", rule.info.what}}},
                       {"defaultConfiguration", {{"level", to_string(rule.info.severity)}}}});
    }
  }
  return rules;
}

Json sarif_result(const LintFinding& one) {
  Json result = {{"ruleId", one.finding.id},
                 {"level", to_string(one.finding.severity)},
                 {"message", {{"text", message_of(one)}}}};
  if (!one.place.file.empty()) {
    Json place = {{"artifactLocation", {{"uri", as_uri(one.place.file)}}}};
    if (one.place.line > 0) {
      place["region"] = {{"startLine", one.place.line}};
    }
    result["locations"] = Json::array({{{"physicalLocation", place}}});
  }
  return result;
}

std::string xml_line(std::string_view text) {
  std::string out;
  for (const char c : shown_text(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A line end in an attribute has to be written so (XML 1.0, 3.3.3).
std::string xml(std::string_view text) {
  std::string out;
  for (;;) {
    const auto end = std::min(text.find('\n'), text.size());
    out += xml_line(text.substr(0, end));
    if (end == text.size()) {
      return out;
    }
    out += "&#10;";
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void print_sarif(const Terminal& out, const LintReport& report) {
  Json results = Json::array();
  for (const LintFinding& one : report.findings) {
    results.push_back(sarif_result(one));
  }
  const Json all = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", Json::array({{{"tool",
                                            {{"driver",
                                              {{"name", "chainmend"},
                                               {"version", std::string(kVersion)},
                                               {"rules", sarif_rules()}}}}},
                                           {"results", results}}})}};
  out.line(all.dump(2, ' ', false, Json::error_handler_t::replace));
}

void print_junit(const Terminal& out, const LintReport& report) {
  const auto fails = [&report](const LintFinding& one) {
    return one.finding.severity >= report.fail_on;
  };
  const auto failures = std::ranges::count_if(report.findings, fails);
  const std::size_t tests = std::max<std::size_t>(report.findings.size(), 1);
  out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  out.line(
      fmt::format("<testsuites><testsuite name=\"chainmend lint {}\" tests=\"{}\" "
                  "failures=\"{}\" errors=\"0\">",
                  report.kind, tests, failures));
  if (report.findings.empty()) {
    out.line(fmt::format("  <testcase classname=\"{}\" name=\"nothing found\"/>", report.kind));
  }
  for (const LintFinding& one : report.findings) {
    const std::string place =
        one.place.file + (one.place.entry > 0 ? fmt::format(" entry {}", one.place.entry) : "");
    const std::string message = xml(message_of(one));
    out.line(fmt::format("  <testcase classname=\"{}\" name=\"{}\">", report.kind,
                         xml(one.finding.id + (place.empty() ? "" : " " + place))));
    out.line(fails(one) ? fmt::format("    <failure type=\"{}\" message=\"{}\"/>",
                                      to_string(one.finding.severity), message)
                        : fmt::format("    <system-out>{}: {}</system-out>",
                                      to_string(one.finding.severity), message));
    out.line("  </testcase>");
  }
  out.line("</testsuite></testsuites>");
}

}  // namespace chainmend::cli
