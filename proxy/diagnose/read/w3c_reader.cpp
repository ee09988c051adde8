#include "proxy/diagnose/read/w3c_reader.h"

#include <algorithm>
#include <cstring>

#include "config/values.h"
#include "proxy/clients/evidence.h"
#include "proxy/diagnose/explain/explain.h"
#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/read/line_facts.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kMaxWaiting = 8192;

// Names of columns, in the order of W3cReader::Column; HTTP.SYS has one of its own for the path.
constexpr std::string_view kNames[] = {
    "date",        "time",           "c-ip",      "cs-method",    "cs-uri-stem",
    "cs-username", "cs(user-agent)", "sc-status", "sc-substatus", "sc-win32-status",
    "s-reason",    "x-forwarded-for"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -1: no number.
std::int64_t number(std::string_view text) { return whole_number(text).value_or(-1); }

bool is_status(std::string_view text) {
  return text.size() == 3 && text[0] >= '1' && text[0] <= '5' && is_digit(text[1]) &&
         is_digit(text[2]);
}

// "40316": status and substatus without the blank between them.
bool is_fused(std::string_view text) {
  return text.size() >= 4 && text.size() <= 6 && is_status(text.substr(0, 3)) && number(text) >= 0;
}

bool begins_with_date(std::string_view line) {
  return line.size() > 10 && is_digit(line[0]) && line[4] == '-' && line[7] == '-' &&
         (line[10] == ' ' || line[10] == '\t');
}

}  // namespace

W3cReader::W3cReader(Tally& tally) : LineReader(tally) { columns_.fill(kNone); }

bool W3cReader::begins_entry(std::string_view line) {
  if (!begins_with_date(line) || line.size() < 24 || line[13] != ':' || line[16] != ':' ||
      line[19] != ' ') {
    return false;
  }
  // Behind date and time: the address of the server, the method, the path.
  const std::string_view rest = line.substr(20);
  const auto slash = rest.find(" /");
  const auto method = slash == std::string_view::npos ? slash : rest.rfind(' ', slash - 1);
  return slash != std::string_view::npos && method != std::string_view::npos &&
         slash > method + 2 &&
         std::ranges::all_of(rest.substr(method + 1, slash - method - 1),
                             [](char c) { return c >= 'A' && c <= 'Z'; });
}

void W3cReader::directive(std::string_view line) {
  if (line.starts_with("#Date:")) {
    const auto begin = line.find_first_not_of(' ', 6);
    date_ = begin == std::string_view::npos ? "" : line.substr(begin, 10);
    return;
  }
  if (!line.starts_with("#Fields:")) {
    return;
  }
  columns_.fill(kNone);
  column_count_ = 0;
  line.remove_prefix(8);
  while (column_count_ < kMaxFields) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) {
      break;
    }
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const std::string name = config::lower(line.substr(0, end));
    const auto* const known = std::ranges::find(kNames, name);
    if (known != std::end(kNames)) {
      columns_[static_cast<std::size_t>(known - kNames)] = static_cast<std::uint8_t>(column_count_);
    } else if (name == "cs-uri") {
      columns_[path] = static_cast<std::uint8_t>(column_count_);
    }
    ++column_count_;
    line.remove_prefix(end);
  }
  has_fields_ = columns_[status] != kNone;
}

std::string_view W3cReader::field(const Fields& fields, Column column) const {
  const std::uint8_t at = columns_[column];
  return at < fields.count ? fields.all[at] : std::string_view();
}

// "10.0.0.7,+10.0.0.1": the first one is the client.
std::string_view W3cReader::caller(const Fields& fields) const {
  const std::string_view others = field(fields, forwarded);
  return others.empty() || others == "-" ? field(fields, client)
                                         : others.substr(0, others.find_first_of(",+"));
}

// "POST /ews/exchange.asmx": in most logs the columns stand side by side, so it is one text.
std::string_view W3cReader::request(const Fields& fields) const {
  const std::string_view verb = field(fields, method);
  const std::string_view stem = field(fields, path);
  const bool adjacent = !verb.empty() && verb.data() + verb.size() + 1 == stem.data();
  return adjacent ? std::string_view(verb.data(), verb.size() + 1 + stem.size()) : stem;
}

void W3cReader::line(std::string_view line, std::uint64_t number) {
  if (line.empty()) {
    return;
  }
  if (line.front() == '#') {
    give_up();
    directive(line);
    return;
  }
  if (!waiting_.empty()) {
    if (!begins_with_date(line) && waiting_.size() + line.size() < kMaxWaiting) {
      waiting_ += ' ';
      waiting_ += line;
      if (entry(waiting_)) {
        waiting_.clear();
      }
      return;
    }
    give_up();
  }
  if (!entry(line)) {
    wait_for_more(line, number);
  }
}

void W3cReader::wait_for_more(std::string_view line, std::uint64_t number) {
  if (begins_with_date(line) && line.size() < kMaxWaiting) {
    waiting_ = line;
    waiting_number_ = number;
  } else {
    bad_.add(number, line);
  }
}

void W3cReader::give_up() {
  if (!waiting_.empty()) {
    bad_.add(waiting_number_, waiting_);
    waiting_.clear();
  }
}

void W3cReader::finish() { give_up(); }

bool W3cReader::entry(std::string_view line) {
  Fields fields;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at < end && fields.count < kMaxFields) {
    const auto* const blank =
        static_cast<const char*>(std::memchr(at, ' ', static_cast<std::size_t>(end - at)));
    const char* const stop = blank == nullptr ? end : blank;
    if (stop != at) {
      fields.all[fields.count++] = {at, stop};
    }
    at = stop + 1;
  }
  if (!has_fields_) {
    return loose_entry(fields);
  }
  const std::uint8_t where = columns_[status];
  // HTTP.SYS leaves the last columns out when they are empty; all that we look at must be there.
  if (fields.count + 1 == column_count_ && where < fields.count && is_fused(fields.all[where])) {
    std::ranges::copy_backward(fields.all.begin() + where + 1, fields.all.begin() + fields.count,
                               fields.all.begin() + fields.count + 1);
    ++fields.count;
    fields.all[where + 1U] = fields.all[where].substr(3);
    fields.all[where] = fields.all[where].substr(0, 3);
  }
  const bool has_reason = columns_[reason] != kNone;
  if (fields.count < column_count_ && !(has_reason && columns_[reason] < fields.count)) {
    return false;
  }
  if (!is_status(fields.all[where]) && !(has_reason && fields.all[where] == "-")) {
    return false;
  }
  take(fields);
  return true;
}

// Without #Fields: IIS' default columns. The right end tells them: status, substatus, win32 status,
// and the milliseconds that the request took.
bool W3cReader::loose_entry(Fields& fields) {
  constexpr std::size_t kLeast = 14;  // with Referer, which came with IIS 8, it is one more
  auto& all = fields.all;
  std::size_t& count = fields.count;
  if (count + 1 < kLeast || count + 1 >= kMaxFields || number(all[count - 1]) < 0 ||
      number(all[count - 2]) < 0) {
    return false;
  }
  if (is_fused(all[count - 3]) && !is_status(all[count - 4])) {
    all[count] = all[count - 1];
    all[count - 1] = all[count - 2];
    all[count - 2] = all[count - 3].substr(3);
    all[count - 3] = all[count - 3].substr(0, 3);
    ++count;
  }
  constexpr std::uint8_t kClient = 8;
  if (count < kLeast || !is_status(all[count - 4]) || number(all[count - 3]) < 0 ||
      address_of(all[kClient]).empty()) {
    return false;
  }
  const auto right = static_cast<std::uint8_t>(count - 4);
  columns_ = {0,
              1,
              kClient,
              3,
              4,
              7,
              9,
              right,
              static_cast<std::uint8_t>(right + 1),
              static_cast<std::uint8_t>(right + 2),
              kNone,
              kNone};
  take(fields);
  return true;
}

void W3cReader::take(const Fields& fields) {
  const std::string_view text = field(fields, status);
  if (columns_[reason] == kNone && text.front() < '4') {
    if (tally_.wants_successes()) {
      tally_.succeeded(caller(fields), request(fields));
    }
    return;
  }
  const std::int64_t code = number(text);
  const std::int64_t sub = number(field(fields, substatus));
  take_failure(fields, static_cast<int>(std::max<std::int64_t>(code, 0)),
               static_cast<int>(std::clamp<std::int64_t>(sub, 0, 999)));
}

void W3cReader::take_failure(const Fields& fields, int code, int sub) {
  Sighting seen;
  const std::string_view why = field(fields, reason);
  if (!why.empty()) {
    const Code* const known = find_name(why);
    seen.said = known != nullptr && known->speaker == Speaker::http_sys ? known : nullptr;
  } else {
    seen.said = find_status(code, sub);
    seen.why = find_windows_code(number(field(fields, win32)));
  }
  const std::string_view name = field(fields, user);
  // 403 says no more than that the application forbade it; to somebody unknown it is a story.
  const bool is_told =
      seen.said != nullptr && (seen.said->problem != Problem::not_authenticated || name == "-");
  if (!is_told) {
    if (code >= 400) {
      tally_.add_other(static_cast<std::uint32_t>(code));
    }
    return;
  }
  const std::string_view day = field(fields, date);
  seen.time = time_of_columns(day.empty() ? date_ : day, field(fields, time));
  seen.client = caller(fields);
  seen.path = request(fields);
  std::string agent_text(field(fields, agent));
  std::ranges::replace(agent_text, '+', ' ');
  if (const auto type = clients::told_by(agent_text, config::lower(field(fields, path)))) {
    seen.client_type = type->name();
  }
  tally_.add(seen);
}

}  // namespace chainmend::diagnose
