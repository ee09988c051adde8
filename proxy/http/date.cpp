#include "proxy/http/date.h"

#include <string_view>

namespace chainmend::http {
namespace {

void append_two_digits(unsigned number, std::string& out) {
  out.push_back(static_cast<char>('0' + number / 10 % 10));
  out.push_back(static_cast<char>('0' + number % 10));
}

// The index-th of names of three letters.
std::string_view pick(std::string_view names, std::size_t index) {
  return names.substr(index * 3, 3);
}

}  // namespace

void append_http_date(std::chrono::sys_seconds time, std::string& out) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  out.append(pick("SunMonTueWedThuFriSat", std::chrono::weekday(day).c_encoding())).append(", ");
  append_two_digits(static_cast<unsigned>(date.day()), out);
  out.append(" ").append(
      pick("JanFebMarAprMayJunJulAugSepOctNovDec", static_cast<unsigned>(date.month()) - 1));
  out.append(" ");
  append_two_digits(year / 100, out);
  append_two_digits(year, out);
  out.append(" ");
  append_two_digits(static_cast<unsigned>(clock.hours().count()), out);
  out.append(":");
  append_two_digits(static_cast<unsigned>(clock.minutes().count()), out);
  out.append(":");
  append_two_digits(static_cast<unsigned>(clock.seconds().count()), out);
  out.append(" GMT");
}

}  // namespace chainmend::http
