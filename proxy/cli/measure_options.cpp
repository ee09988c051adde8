#include "proxy/cli/measure_options.h"

#include <fmt/format.h>

#include "config/quote.h"
#include "config/values.h"

namespace chainmend::cli {
namespace {

using certs::Result;

constexpr std::uint64_t kMostAttempts = 1'000'000;  // of each client
constexpr double kMostRate = 100'000;
constexpr std::uint64_t kMostAtOnce = 256;

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

Result<std::size_t> read_number(const char* option, const std::string& text, std::uint64_t most) {
  const auto number = config::parse_number(text);
  if (!number || *number == 0 || *number > most) {
    return refuse(fmt::format("{}: expected a number from 1 to {}, found {}", option, most,
                              config::quote(text)));
  }
  return static_cast<std::size_t>(*number);
}

Result<double> read_rate(const MeasureArguments& arguments) {
  std::string_view text = arguments.rate;
  if (text.ends_with("/s")) {
    text.remove_suffix(2);
  }
  const auto rate = config::parse_decimal(text);
  if (!rate || *rate <= 0 || *rate > kMostRate) {
    return refuse("--rate: expected attempts in a second, such as 5 or 0.5, found " +
                  config::quote(arguments.rate));
  }
  if (*rate > kPoliteRate && !arguments.own_this) {
    return refuse(
        fmt::format("--rate: more than {} attempts in a second look like an attack; say "
                    "--i-own-this when the targets are yours",
                    kPoliteRate));
  }
  return *rate;
}

std::string usual_count(const MeasureArguments& arguments) {
  return !arguments.count.empty() ? arguments.count : arguments.hellos.empty() ? "20" : "1";
}

}  // namespace

Result<diagnose::Pace> read_pace(const MeasureArguments& arguments) {
  diagnose::Pace pace;
  const auto count = read_number("--count", usual_count(arguments), kMostAttempts);
  const auto concurrency = read_number("--concurrency", arguments.concurrency, kMostAtOnce);
  const auto rate = read_rate(arguments);
  if (!count || !concurrency) {
    return tl::unexpected((count ? concurrency : count).error());
  }
  if (!rate) {
    return tl::unexpected(rate.error());
  }
  pace.count = *count;
  pace.concurrency = *concurrency;
  pace.rate = *rate;
  if (!arguments.duration.empty()) {
    pace.duration = config::parse_duration(arguments.duration);
    if (!pace.duration || pace.duration->count() == 0) {
      return refuse("--duration: expected a time such as 10m, found " +
                    config::quote(arguments.duration));
    }
  }
  return pace;
}

}  // namespace chainmend::cli
