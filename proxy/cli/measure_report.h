// How `chainmend measure` shows what it counted: a table with bars for people, JSON, CSV.
#pragma once

#include <string>
#include <vector>

#include "certs/result.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/measure/change.h"
#include "proxy/diagnose/measure/measure.h"

namespace chainmend::cli {

// What one run found, and how it was made.
struct Measurement {
  std::string began;                // when, in UTC
  std::string roots;                // by which certificates were judged, in words
  bool interrupted = false;         // it ended before its time
  std::vector<diagnose::Row> rows;  // grouped by target
  std::vector<std::pair<std::string, std::string>> unreachable;  // target, why
};

void print_measurement(const Terminal& out, const Measurement& found);
std::string measurement_json(const Measurement& found);
std::string measurement_csv(const Measurement& found);

// The rates in what measurement_json() wrote. The error says what the text is instead.
certs::Result<std::vector<diagnose::MeasuredRate>> read_measurement(const std::string& text);

}  // namespace chainmend::cli
