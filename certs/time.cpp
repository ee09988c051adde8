#include "certs/time.h"

#include <fmt/format.h>
#include <openssl/asn1.h>

#include <charconv>
#include <optional>

namespace chainmend::certs {

namespace {

// All of text as one number without sign, or nothing.
std::optional<long long> number(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

// "THH:MM:SSZ"
std::optional<std::chrono::seconds> parse_clock(std::string_view text) {
  if (text.size() != 10 || text[0] != 'T' || text[3] != ':' || text[6] != ':' || text[9] != 'Z') {
    return std::nullopt;
  }
  const auto hours = number(text.substr(1, 2));
  const auto minutes = number(text.substr(4, 2));
  const auto seconds = number(text.substr(7, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59) {
    return std::nullopt;
  }
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

std::optional<Time> parse_epoch(std::string_view text) {
  constexpr long long kYear10000 = 253'402'300'800;
  const auto seconds = text.empty() ? std::nullopt : number(text);
  if (!seconds || *seconds >= kYear10000) {
    return std::nullopt;
  }
  return Time(std::chrono::seconds(*seconds));
}

}  // namespace

Result<Time> to_time(const ASN1_TIME* t) {
  tm parts{};
  if (ASN1_TIME_to_tm(t, &parts) != 1) {
    return fail(ErrorCode::malformed, "an unreadable date of validity");
  }
  const std::chrono::year_month_day date{
      std::chrono::year(parts.tm_year + 1900),
      std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
      std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(parts.tm_hour) +
         std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

std::string format_time(Time t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(t - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<Time> parse_time(std::string_view text) {
  if (const auto epoch = parse_epoch(text)) {
    return *epoch;
  }
  if (const auto date = parse_date(text.substr(0, 10))) {
    if (text.size() == 10) {
      return Time(*date);
    }
    if (const auto clock = parse_clock(text.substr(10))) {
      return Time(*date) + *clock;
    }
  }
  return fail(
      ErrorCode::malformed,
      fmt::format("'{}' is no time; write 2026-11-22T10:00:00Z, 2026-11-22 or seconds since 1970",
                  text.substr(0, 40)));
}

}  // namespace chainmend::certs
