#include "proxy/diagnose/read/event_reader.h"

#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/explain/tls_codes.h"
#include "proxy/diagnose/read/line_facts.h"

namespace chainmend::diagnose {

namespace {

constexpr std::int64_t kReceived = 36887;  // an alert
constexpr std::int64_t kSent = 36888;
constexpr std::size_t kMaxEvent = std::size_t{64} * 1024;

// What stands behind `mark` up to the next of `ends`; empty when there is no mark.
std::string_view behind(std::string_view xml, std::string_view mark, std::string_view ends) {
  const auto found = xml.find(mark);
  if (found == std::string_view::npos) {
    return "";
  }
  const std::string_view rest = xml.substr(found + mark.size());
  return rest.substr(0, rest.find_first_of(ends));
}

}  // namespace

bool tells_alert(std::int64_t event) { return event == kReceived || event == kSent; }

Sighting schannel_event(std::int64_t event, std::int64_t alert) {
  Sighting seen;
  seen.said = find_code(Speaker::schannel_event, event);
  if (tells_alert(event) && alert >= 0 && alert < tls::kSealedAlert) {
    seen.why = find_code(Speaker::alert, alert);
    if (seen.why != nullptr) {
      seen.problem = seen.why->problem;
    }
    // What a server sends it says of the client.
    if (event == kSent) {
      const auto sent =
          problem_of(reason_of_alert(static_cast<std::uint8_t>(alert), tls::AlertDirection::sent));
      seen.problem = sent ? sent : seen.problem;
    }
  }
  return seen;
}

void EventReader::line(std::string_view piece, std::uint64_t number) {
  if (open_.size() + piece.size() > kMaxEvent) {
    bad_.add(number, open_);
    open_.clear();
  }
  open_ += piece;
  open_ += '>';
  if (piece.ends_with("</Event")) {
    event(open_, number);
    open_.clear();
  }
}

void EventReader::event(std::string_view xml, std::uint64_t line) {
  if (xml.find("Schannel") == std::string_view::npos) {
    return;
  }
  const auto id = xml.find("<EventID");
  const std::string_view text =
      id == std::string_view::npos ? "" : behind(xml.substr(id), ">", "<");
  if (text.empty()) {
    bad_.add(line, xml);
    return;
  }
  // The name of the field does not depend on the language of the system.
  std::string_view alert = behind(xml, "Name='AlertDesc'>", "<");
  alert = alert.empty() ? behind(xml, "Name=\"AlertDesc\">", "<") : alert;
  Sighting seen =
      schannel_event(leading_number(text).value_or(0), leading_number(alert).value_or(-1));
  if (seen.said == nullptr) {
    return;
  }
  std::string_view time = behind(xml, "SystemTime='", "'");
  time = time.empty() ? behind(xml, "SystemTime=\"", "\"") : time;
  seen.time = time_in(time, now_);
  const std::string_view program = behind(xml, "Name='CallerProcessImageName'>", "<");
  seen.path = program.empty() ? behind(xml, "Name=\"CallerProcessImageName\">", "<") : program;
  tally_.add(seen);
}

}  // namespace chainmend::diagnose
