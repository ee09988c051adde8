#include "proxy/diagnose/read/line_facts.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "config/values.h"

namespace chainmend::diagnose {

namespace {

using certs::Time;
using std::chrono::year_month_day;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads a text from its beginning; once something does not fit, everything after it fails too.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  int number(std::size_t min_digits, std::size_t max_digits) {
    int value = 0;
    std::size_t digits = 0;
    while (digits < max_digits && digits < text_.size() && is_digit(text_[digits])) {
      value = value * 10 + (text_[digits++] - '0');
    }
    good_ = good_ && digits >= min_digits;
    text_.remove_prefix(digits);
    return value;
  }
  // One of these characters; returns it.
  char one_of(std::string_view allowed) {
    const char c = text_.empty() ? '\0' : text_.front();
    good_ = good_ && c != '\0' && allowed.find(c) != std::string_view::npos;
    text_.remove_prefix(text_.empty() ? 0 : 1);
    return c;
  }
  bool skip(char c) {
    const bool is_there = text_.starts_with(c);
    text_.remove_prefix(is_there ? 1 : 0);
    return is_there;
  }
  // The number of the month whose English name begins here, three letters long.
  unsigned month() {
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto at = text_.size() < 3 ? std::string_view::npos : kMonths.find(text_.substr(0, 3));
    good_ = good_ && at != std::string_view::npos && at % 3 == 0;
    text_.remove_prefix(std::min<std::size_t>(3, text_.size()));
    return good_ ? static_cast<unsigned>(at / 3 + 1) : 0;
  }
  bool good() const { return good_; }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
  bool good_ = true;
};

// "02:29:23", "02:29:23.123", "2:29:23 AM", and a zone behind: "Z", "+01:00", "-0700".
std::optional<std::chrono::seconds> clock_time(Scan scan) {
  const int hour = scan.number(1, 2);
  scan.one_of(":");
  const int minute = scan.number(2, 2);
  scan.one_of(":");
  const int second = scan.number(2, 2);
  if (!scan.good() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  if (scan.skip('.') || scan.skip(',')) {
    scan.number(0, 9);
  }
  auto at = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  const std::string_view rest = scan.rest();
  if (rest.starts_with(" AM") && hour == 12) {
    at -= std::chrono::hours(12);
  } else if (rest.starts_with(" PM") && hour < 12) {
    at += std::chrono::hours(12);
  }
  Scan zone(rest);
  zone.skip(' ');
  const char sign = zone.one_of("+-");
  const int hours = zone.number(2, 2);
  zone.skip(':');
  const int minutes = zone.number(2, 2);
  if (zone.good() && hours <= 14 && minutes <= 59) {
    const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    at += sign == '+' ? -offset : offset;
  }
  return at;
}

std::optional<Time> at(int year, unsigned month, int day, Scan clock) {
  const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(static_cast<unsigned>(day))};
  const auto time = clock_time(clock);
  if (!date.ok() || !time || year < 1990 || year > 2200) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + *time;
}

// 2026-11-27T02:29:23, 2026/11/27 02:29:23, 2026.11.27 02:29:23
std::optional<Time> year_first(Scan scan) {
  const int year = scan.number(4, 4);
  const char mark = scan.one_of("-/.");
  const int month = scan.number(2, 2);
  scan.one_of({&mark, 1});
  const int day = scan.number(2, 2);
  scan.one_of(" T");
  return scan.good() ? at(year, static_cast<unsigned>(month), day, scan) : std::nullopt;
}

// 27/Nov/2026:02:29:23
std::optional<Time> month_named(Scan scan) {
  const int day = scan.number(2, 2);
  scan.one_of("/");
  const unsigned month = scan.month();
  scan.one_of("/");
  const int year = scan.number(4, 4);
  scan.one_of(":");
  return scan.good() ? at(year, month, day, scan) : std::nullopt;
}

// 11/27/2026 2:29:23 AM, 11/27/2026|02:29:23.123 (UCCAPI), 27.11.2026 02:29:23
std::optional<Time> year_last(Scan scan) {
  const int first = scan.number(1, 2);
  const char mark = scan.one_of("/.");
  const int second = scan.number(1, 2);
  scan.one_of({&mark, 1});
  const int year = scan.number(4, 4);
  scan.skip(',');
  scan.one_of(" |");
  if (!scan.good()) {
    return std::nullopt;
  }
  const bool day_first = mark == '.' || first > 12;
  return day_first ? at(year, static_cast<unsigned>(second), first, scan)
                   : at(year, static_cast<unsigned>(first), second, scan);
}

// Nov 27 02:29:23, Nov  7 02:29:23
std::optional<Time> syslog(Scan scan, Time now) {
  const unsigned month = scan.month();
  scan.one_of(" ");
  scan.skip(' ');
  const int day = scan.number(1, 2);
  scan.one_of(" ");
  if (!scan.good()) {
    return std::nullopt;
  }
  const int this_year =
      static_cast<int>(year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  const auto time = at(this_year, month, day, scan);
  return time && *time > now + std::chrono::days(1) ? at(this_year - 1, month, day, scan) : time;
}

std::string_view until(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

}  // namespace

std::optional<Time> time_in(std::string_view line, Time now) {
  constexpr std::size_t kLooked = 160;
  const std::size_t end = std::min(line.size(), kLooked);
  for (std::size_t i = 0; i < end; ++i) {
    const bool is_inside = i > 0 && (is_digit(line[i - 1]) || is_letter(line[i - 1]));
    if (is_inside) {
      continue;
    }
    const Scan scan(line.substr(i));
    std::optional<Time> found;
    if (is_digit(line[i])) {
      found = year_first(scan);
      found = found ? found : month_named(scan);
      found = found ? found : year_last(scan);
    } else if (is_letter(line[i])) {
      found = syslog(scan, now);
    }
    if (found) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<Time> time_of_columns(std::string_view date, std::string_view time) {
  Scan scan(date);
  const int year = scan.number(4, 4);
  scan.one_of("-");
  const int month = scan.number(2, 2);
  scan.one_of("-");
  const int day = scan.number(2, 2);
  return scan.good() && scan.rest().empty()
             ? at(year, static_cast<unsigned>(month), day, Scan(time))
             : std::nullopt;
}

std::string_view address_of(std::string_view text) {
  if (text.starts_with('[')) {
    const std::string_view inner = until(text.substr(1), "]");
    return config::is_ipv6_address(inner) ? inner : "";
  }
  std::string_view word = until(text, " ,;\"'()<>[]\t|%");
  const auto is_address = [](std::string_view one) {
    return !one.empty() && config::parse_network(one) && one.find('/') == std::string_view::npos;
  };
  for (int i = 0; i < 2; ++i) {
    if (is_address(word)) {
      return word;
    }
    const auto colon = word.rfind(':');
    if (colon == std::string_view::npos) {
      return "";
    }
    word = word.substr(0, colon);
  }
  return "";
}

std::string_view client_in(std::string_view line) {
  constexpr std::string_view kLabels[] = {"client: ",
                                          "client=",
                                          "remote address:",
                                          "accepted connection from ",
                                          "failed for TCP ",
                                          "SSL peers ",
                                          "peer=",
                                          "peer: ",
                                          "remote_addr=",
                                          "remote_addr\":\"",
                                          "downstream_remote_address\":\""};
  for (const std::string_view label : kLabels) {
    const auto found = line.find(label);
    if (found != std::string_view::npos) {
      const std::string_view address = address_of(line.substr(found + label.size()));
      if (!address.empty()) {
        return address;
      }
    }
  }
  // HAProxy: "10.0.0.7:51234 [27/Nov/2026:02:29:23.123]"
  for (auto mark = line.find(" ["); mark != std::string_view::npos;
       mark = line.find(" [", mark + 1)) {
    if (month_named(Scan(line.substr(mark + 2)))) {
      const auto begin = line.substr(0, mark).find_last_of(' ');
      return address_of(line.substr(begin == std::string_view::npos ? 0 : begin + 1));
    }
  }
  return "";
}

std::string_view target_in(std::string_view line) {
  constexpr std::string_view kEnds = " \t\"'<>,;?|)(";
  for (const std::string_view scheme : {"https://", "http://"}) {
    const auto found = line.find(scheme);
    if (found != std::string_view::npos) {
      return until(line.substr(found), kEnds);
    }
  }
  const auto request = line.find("request: \"");
  if (request != std::string_view::npos) {
    const std::string_view quoted = line.substr(request + 10);
    return until(quoted.substr(std::min(quoted.find(' ') + 1, quoted.size())), kEnds);
  }
  const auto scope = line.find("::");
  if (scope != std::string_view::npos && scope > 0 && is_letter(line[scope - 1])) {
    const auto before = line.substr(0, scope).find_last_of(" \t\"(");
    std::string_view name = until(line.substr(before + 1), " \t\"',;()");
    // Bytes that are no letters, such as a typographic quotation mark, do not belong to it.
    while (!name.empty() && !is_letter(name.front())) {
      name.remove_prefix(1);
    }
    while (!name.empty() && !is_letter(name.back()) && !is_digit(name.back())) {
      name.remove_suffix(1);
    }
    // One "::" has every OpenSSL error: "SSL routines::no shared cipher".
    const auto second = name.find("::", name.find("::") + 2);
    return second != std::string_view::npos ? name : "";
  }
  return "";
}

}  // namespace chainmend::diagnose
