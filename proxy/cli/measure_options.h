// What `chainmend measure` is told on its command line, and what that comes to: targets that
// resolve, client types, roots and a pace, each refused with the option that is wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certs/result.h"
#include "proxy/cli/probe_options.h"
#include "proxy/diagnose/measure/measure.h"

namespace chainmend::cli {

struct MeasureArguments {
  ProbeArguments server;  // targets, names, roots, bundles, client types, timeout
  std::string count;      // empty: 20, or 1 of each recorded hello
  std::string duration;
  std::string rate = "5";
  std::string concurrency = "4";
  bool own_this = false;
  std::string hellos;       // a handshake log with recorded hellos
  std::string policy;       // judge them by this policy, without a network
  std::string config_file;  // that defines it
  std::string before;       // results of earlier runs, to be compared
  std::string after;
  std::string listen;                // serve as an exporter here
  std::vector<std::string> names;    // of the exporter, beside its address
  std::vector<std::string> allowed;  // targets that the exporter may measure
  bool json = false;
  bool csv = false;
  std::string textfile;
};

// Attempts in a second that are nobody's business yet; more must be said to be one's own.
inline constexpr double kPoliteRate = 100;

// All but the timeout, which read_probe_options() reads.
certs::Result<diagnose::Pace> read_pace(const MeasureArguments& arguments);

}  // namespace chainmend::cli
