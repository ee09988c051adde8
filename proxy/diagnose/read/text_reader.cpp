#include "proxy/diagnose/read/text_reader.h"

#include <algorithm>

#include "proxy/diagnose/explain/find_text.h"
#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/read/event_reader.h"
#include "proxy/diagnose/read/line_facts.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kMaxRecord = 8192;
constexpr int kMaxRecordLines = 4;
constexpr int kMaxEventLines = 12;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A line of a log, and not of prose: it begins with a date.
bool begins_with_year(std::string_view line) {
  return line.size() > 10 && line[4] == '-' && line[7] == '-' && is_digit(line[0]) &&
         is_digit(line[9]);
}

bool goes_on(std::string_view record) {
  return record.ends_with(':') || record.ends_with(',') || record.ends_with(": ") ||
         record.ends_with(", ");
}

// The number of a Schannel event: a field of a line that names Schannel, or "Event ID: 36887" and
// "Id : 36887" in a line of its own. 0: none.
std::int64_t event_in(std::string_view line) {
  for (auto at = line.find("368"); at != std::string_view::npos; at = line.find("368", at + 5)) {
    const std::int64_t id = leading_number(line.substr(at)).value_or(0);
    std::string_view before = line.substr(0, at);
    const bool is_field = at > 0 && !is_digit(line[at - 1]) && line[at - 1] != ':' &&
                          line[at - 1] != '.' && line.find("Schannel") != std::string_view::npos;
    before.remove_suffix(before.size() - (before.find_last_not_of(" \t:=") + 1));
    const bool is_named = before.ends_with("ID") || before.ends_with("Id");
    if (id > 36863 && id < 36900 && (is_field || is_named)) {
      return id;
    }
  }
  return 0;
}

std::int64_t alert_in(std::string_view line) {
  const Code* const alert = find_alert(line);
  return alert == nullptr ? -1 : *alert->number;
}

// The alert of an event whose message is in another language than English: the first number behind
// the event's own that may be one. -1: none.
std::int64_t alert_behind(std::string_view line, std::int64_t event) {
  const std::string id = std::to_string(event);
  bool is_inside = true;  // a number
  for (std::size_t at = line.find(id) + id.size(); at < line.size(); ++at) {
    const bool begins = is_digit(line[at]) && !is_inside;
    is_inside = is_digit(line[at]);
    const auto value = begins ? leading_number(line.substr(at)) : std::nullopt;
    if (value && find_code(Speaker::alert, *value) != nullptr) {
      return *value;
    }
  }
  return -1;
}

// The second word of "2018-12-03T10:40:16.156-07:00 P105709 p8[240]: ...": the phone that logs.
std::string_view host_of(std::string_view record) {
  const auto begin = record.find(' ');
  if (!begins_with_year(record) || begin == std::string_view::npos) {
    return "";
  }
  const std::string_view rest = record.substr(begin + 1);
  return rest.substr(0, rest.find(' '));
}

// "error code = 3" of Qt, in the log of a phone whose browser engine is Qt's.
const Code* qt_code_in(std::string_view record) {
  constexpr std::string_view kMark = "error code = ";
  const auto at = record.find(kMark);
  if (at == std::string_view::npos || record.find("reply") == std::string_view::npos) {
    return nullptr;
  }
  return find_code(Speaker::qt, leading_number(record.substr(at + kMark.size())).value_or(-1));
}

// The value of "key=value" in a line of chainmend's own log; empty: none.
std::string_view value_of(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  const std::string_view rest = at == line.npos ? "" : line.substr(at + key.size());
  return rest.substr(0, rest.find(' '));
}

// "LOG5[12]" of stunnel; empty: not its line.
std::string_view thread_of(std::string_view line) {
  const auto at = line.find(" LOG");
  const auto end = at == std::string_view::npos ? at : line.find("]:", at);
  return end == std::string_view::npos || end - at > 20 ? "" : line.substr(at + 5, end - at - 5);
}

}  // namespace

void TextReader::line(std::string_view line, std::uint64_t number) {
  if (w3c_.is_waiting() || line.starts_with("#Fields:") || W3cReader::begins_entry(line)) {
    w3c_.line(line, number);
    return;
  }
  if (line.starts_with("{\"time\":") && line.find("\"event\":\"handshake\"") != line.npos) {
    handshakes_.line(line, number);
    return;
  }
  if (!open_.empty()) {
    open_ += ' ';
    open_ += line.substr(0, kMaxRecord);
    if (!goes_on(line) || ++open_lines_ == kMaxRecordLines || open_.size() > kMaxRecord) {
      record(open_);
      open_.clear();
    }
  } else if (begins_with_year(line) && goes_on(line) && line.size() < kMaxRecord) {
    open_ = line;
    open_lines_ = 1;
  } else {
    record(line);
  }
}

void TextReader::finish() {
  if (!open_.empty()) {
    record(open_);
    open_.clear();
  }
  close_event();
  w3c_.finish();
  for (const LineReader* const inner :
       {static_cast<LineReader*>(&w3c_), static_cast<LineReader*>(&handshakes_)}) {
    if (inner->bad().count > 0) {
      bad_.add(inner->bad().first, inner->bad().first_text);
      bad_.count += inner->bad().count - 1;
    }
  }
}

void TextReader::close_event() {
  if (event_.id == 0) {
    return;
  }
  Sighting seen = schannel_event(event_.id, event_.alert);
  if (seen.said != nullptr) {
    seen.time = event_.time;
    tally_.add(seen);
  }
  event_ = {};
}

// Events come as one line (CSV, tables), or as lines of "Name: value" with the number before the
// alert. True when the line belongs to one.
bool TextReader::takes_event(std::string_view text) {
  const std::int64_t id = event_in(text);
  if (id == 0 && event_.id == 0) {
    if (text.find("Date:") != std::string_view::npos ||
        text.find("TimeCreated") != std::string_view::npos) {
      last_time_ = time_in(text, now_);
    }
    return false;
  }
  if (id != 0) {
    close_event();
    event_.id = id;
    const auto time = time_in(text, now_);
    event_.time = time ? time : last_time_;
    last_time_.reset();
  }
  if (!event_.time) {
    event_.time = time_in(text, now_);
  }
  event_.alert = alert_in(text);
  if (event_.alert < 0 && id != 0) {
    event_.alert = alert_behind(text, id);
  }
  if (event_.alert >= 0 || !tells_alert(event_.id) || ++event_.lines == kMaxEventLines) {
    close_event();
  }
  return true;
}

std::string_view TextReader::client_of(std::string_view text, const Code& code) {
  if (code.speaker == Speaker::mitel_phone || code.speaker == Speaker::qt) {
    return host_of(text);
  }
  const std::string_view client = client_in(text);
  const std::string_view thread = client.empty() ? thread_of(text) : std::string_view();
  if (!thread.empty()) {
    const auto* const known = std::ranges::find_if(accepted_, [thread](const Accepted& one) {
      return one.thread.substr(std::min<std::size_t>(1, one.thread.size())) == thread.substr(1);
    });
    return known == accepted_.end() ? std::string_view() : std::string_view(known->client);
  }
  return client;
}

// "handshake_failed conn=7 listener=a peer=10.0.0.7:51234 ... reason=client_unknown_ca":
// chainmend's log for people. True when the line is one.
bool TextReader::takes_own(std::string_view text) {
  if (text.find("handshake_failed conn=") == std::string_view::npos) {
    return false;
  }
  const auto reason = tls::kReasonNames.find(value_of(text, " reason="));
  Sighting seen;
  seen.said = reason ? find_code(Speaker::chainmend, static_cast<std::int64_t>(*reason)) : nullptr;
  if (seen.said != nullptr) {
    seen.time = time_in(text, now_);
    seen.client = client_in(text);
    seen.client_type = value_of(text, " client_type=");
    seen.path = value_of(text, " sni=");
    seen.path = seen.path == "\"\"" ? std::string_view() : seen.path;
    tally_.add_own(seen, OwnLog::for_people, value_of(text, " peer="));
  }
  return true;
}

void TextReader::record(std::string_view text) {
  if (takes_own(text) || takes_event(text)) {
    return;
  }
  if (text.find("accepted connection from ") != std::string_view::npos) {
    const std::string_view thread = thread_of(text);
    const std::string_view client = client_in(text);
    if (!thread.empty() && !client.empty()) {
      accepted_[next_accepted_++ % accepted_.size()] = {std::string(thread), std::string(client)};
    }
    return;
  }
  // nginx, of a client that left between two requests: nothing failed.
  if (text.find(" while waiting for request") != std::string_view::npos ||
      text.find(" while keepalive") != std::string_view::npos) {
    return;
  }
  Sighting seen;
  seen.said = find_text(text);
  if (const Code* const qt = qt_code_in(text); qt != nullptr && seen.said == nullptr) {
    seen.said = qt;
  }
  if (seen.said == nullptr) {
    return;
  }
  seen.time = time_in(text, now_);
  seen.client = client_of(text, *seen.said);
  seen.path = target_in(text);
  tally_.add(seen);
}

}  // namespace chainmend::diagnose
