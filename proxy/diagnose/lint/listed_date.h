// Dates as Windows prints them, in the order and the script of whoever was logged on. What cannot
// be told apart stays a span of time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "certs/time.h"

namespace chainmend::diagnose {

// What stands in the text, without a decision about day and month.
struct DateText {
  std::string text;
  int year = 0;
  int first = 0, second = 0;  // day and month in the order of the text
  bool is_settled = false;    // first is the month: a year in front, a name, or dots told so
};

// Unset: no date of the Gregorian calendar in digits and English month names.
std::optional<DateText> find_date(std::string_view text);

enum class DateOrder : std::uint8_t { unknown, day_first, month_first };
// What the dates of one listing have in common: one with a number above 12 shows it for all.
DateOrder order_of(std::span<const DateText* const> dates);

// The moments that a date may mean: its day anywhere on earth, in either order where that is
// unknown.
struct DateSpan {
  certs::Time from, to;
  bool has_two_orders = false;
};
DateSpan span_of(const DateText& date, DateOrder order);

}  // namespace chainmend::diagnose
