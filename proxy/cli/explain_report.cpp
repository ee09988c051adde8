#include "proxy/cli/explain_report.h"

#include <fmt/format.h>

#include <span>

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kIndent = 11;  // columns of "  meaning  "

void part(const Terminal& out, std::string label, std::string_view text) {
  if (!text.empty()) {
    label.resize(kIndent - 2, ' ');
    out.wrapped("  " + label, kIndent, text);
  }
}

// One text a line, each with its mark when there are several: a number where the order counts.
void parts(const Terminal& out, std::string label, std::span<const std::string_view> texts,
           bool numbered) {
  label.resize(kIndent - 2, ' ');
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string mark = texts.size() == 1 ? "" : numbered ? std::to_string(i + 1) + ". " : "- ";
    out.wrapped(fmt::format("  {}{}", label, mark), kIndent + mark.size(), texts[i]);
    label.assign(kIndent - 2, ' ');
  }
}

std::string source_of(const diagnose::Explanation& one) {
  const diagnose::Advice* const advice = one.advice();
  const bool more = advice != nullptr && !advice->source.empty();
  return one.known() ? one.said->source + (more ? "; " + std::string(advice->source) : "") : "";
}

Json list(std::span<const std::string_view> texts) {
  Json all = Json::array();
  for (const std::string_view text : texts) {
    all.push_back(std::string(text));
  }
  return all;
}

}  // namespace

void print(const Terminal& out, const diagnose::Advice& advice) {
  parts(out, "causes", advice.causes, true);
  parts(out, "check", advice.checks, false);
  parts(out, "fix", advice.fixes, false);
}

void print(const Terminal& out, const diagnose::Explanation& one) {
  if (!one.known()) {
    out.line(out.styled(Style::bold, one.code) + "  not known to this version");
    part(out, "written", fmt::format("{}", fmt::join(one.notations, "; ")));
    return;
  }
  out.line(out.styled(Style::bold, one.code) + (one.name == one.code ? "" : "  " + one.name));
  const diagnose::Advice* const advice = one.advice();
  part(out, "meaning", one.meaning);
  for (const std::string& reading : one.readings) {
    part(out, "", reading);
  }
  const diagnose::SpeakerInfo& speaker = diagnose::info_on(one.said->speaker);
  part(out, "said by",
       std::string(speaker.who) + (speaker.when.empty() ? "" : "; " + std::string(speaker.when)));
  const std::vector<std::string_view> clients(one.on_clients.begin(), one.on_clients.end());
  parts(out, "clients", clients, false);
  if (advice != nullptr) {
    print(out, *advice);
  }
  part(out, "written", fmt::format("{}", fmt::join(one.notations, "; ")));
  part(out, "source", source_of(one));
}

Json as_json(const diagnose::Advice& advice) {
  return {{"meaning", advice.meaning},
          {"causes", list(advice.causes)},
          {"check", list(advice.checks)},
          {"fix", list(advice.fixes)}};
}

Json as_json(const diagnose::Explanation& one) {
  Json all = {{"code", one.code}, {"known", one.known()}, {"name", one.name}};
  if (one.known()) {
    const diagnose::SpeakerInfo& speaker = diagnose::info_on(one.said->speaker);
    all["problem"] = one.said->problem ? Json(to_string(*one.said->problem)) : Json();
    all["speaker"] = to_string(one.said->speaker);
    all["said_by"] = speaker.who;
    all["when"] = speaker.when;
    all["readings"] = one.readings;
    if (!one.on_clients.empty()) {
      all["clients"] = one.on_clients;
    }
    if (const diagnose::Advice* const advice = one.advice()) {
      all.update(as_json(*advice));
    }
    all["meaning"] = one.meaning;
    all["source"] = source_of(one);
  }
  all["notations"] = one.notations;
  return all;
}

}  // namespace chainmend::cli
