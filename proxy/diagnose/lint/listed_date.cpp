#include "proxy/diagnose/lint/listed_date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <vector>

namespace chainmend::diagnose {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxDateText = 100;
constexpr int kFirstYear = 1950;  // before it: another calendar, or no date
constexpr int kLastYear = 2300;
constexpr auto kFarthestZone = 14h;  // from UTC

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Number {
  int value = 0;
  std::size_t digits = 0;
  char behind = '\0';  // what follows
};

// The numbers in front of the time of day; a month's English name counts as one.
struct Parts {
  std::vector<Number> numbers;
  std::optional<std::size_t> named;  // which of them was a name
};

std::optional<int> month_named(std::string_view word) {
  std::string lower;
  for (const char c : word.substr(0, 3)) {
    lower += static_cast<char>(c | 0x20);
  }
  const auto* const found = std::ranges::find(kMonths, lower);
  return word.size() < 3 || found == kMonths.end()
             ? std::nullopt
             : std::optional(static_cast<int>(found - kMonths.begin()) + 1);
}

Parts parts_of(std::string_view text) {
  Parts parts;
  for (std::size_t at = 0; at < text.size() && parts.numbers.size() < 3;) {
    const std::size_t from = at;
    if (is_digit(text[at])) {
      int value = 0;
      while (at < text.size() && is_digit(text[at])) {
        value = std::min(value * 10 + (text[at] - '0'), 99'999);
        ++at;
      }
      parts.numbers.push_back({value, at - from, at < text.size() ? text[at] : '\0'});
    } else if (is_letter(text[at])) {
      while (at < text.size() && is_letter(text[at])) {
        ++at;
      }
      const auto month = month_named(text.substr(from, at - from));
      if (month && !parts.named) {
        parts.named = parts.numbers.size();
        parts.numbers.push_back({*month, 2, '\0'});
      }
    } else {
      ++at;
    }
  }
  return parts;
}

bool is_year(const Number& number) {
  return number.digits == 4 && number.value >= kFirstYear && number.value <= kLastYear;
}
bool is_small(const Number& number) {
  return number.digits <= 2 && number.value >= 1 && number.value <= 31;
}

std::optional<certs::Time> midnight(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok() ? std::optional(certs::Time(std::chrono::sys_days(date))) : std::nullopt;
}

}  // namespace

std::optional<DateText> find_date(std::string_view text) {
  const Parts parts = parts_of(text.substr(0, kMaxDateText));
  if (parts.numbers.size() < 3) {
    return std::nullopt;
  }
  const auto& [a, b, c] = std::tie(parts.numbers[0], parts.numbers[1], parts.numbers[2]);
  DateText date{.text = std::string(text.substr(0, kMaxDateText))};
  if (is_year(a) && is_small(b) && is_small(c)) {
    date.year = a.value;
    date.first = b.value;  // every country that begins with the year goes on with the month
    date.second = c.value;
    date.is_settled = true;
  } else if (is_small(a) && is_small(b) && is_year(c)) {
    date.year = c.value;
    // Dots stand between day, month and year only; nobody writes the month first with them.
    const bool is_day_first = a.behind == '.' || parts.named == 1U;
    date.first = is_day_first ? b.value : a.value;
    date.second = is_day_first ? a.value : b.value;
    date.is_settled = is_day_first || parts.named == 0U;
  } else {
    return std::nullopt;
  }
  const bool fits = midnight(date.year, date.first, date.second) ||
                    (!date.is_settled && midnight(date.year, date.second, date.first));
  return fits ? std::optional(std::move(date)) : std::nullopt;
}

DateOrder order_of(std::span<const DateText* const> dates) {
  bool day_first = false;
  bool month_first = false;
  for (const DateText* const date : dates) {
    if (!date->is_settled) {
      day_first |= date->first > 12;
      month_first |= date->second > 12;
    }
  }
  return day_first == month_first ? DateOrder::unknown
         : day_first              ? DateOrder::day_first
                                  : DateOrder::month_first;
}

DateSpan span_of(const DateText& date, DateOrder order) {
  const auto month_first = midnight(date.year, date.first, date.second);
  const auto day_first =
      date.is_settled ? std::nullopt : midnight(date.year, date.second, date.first);
  const bool takes_month = month_first && (order != DateOrder::day_first || !day_first);
  const bool takes_day = day_first && (order != DateOrder::month_first || !month_first);
  const certs::Time one = takes_month ? *month_first : *day_first;
  const certs::Time other = takes_day ? *day_first : one;
  return {.from = std::min(one, other) - kFarthestZone,
          .to = std::max(one, other) + 24h + kFarthestZone,
          .has_two_orders = one != other};
}

}  // namespace chainmend::diagnose
