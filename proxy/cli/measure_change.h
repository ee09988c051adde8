// What `chainmend measure` does without a network: compares two results, and replays recorded
// hellos against a policy.
#pragma once

#include "proxy/cli/measure_options.h"
#include "proxy/diagnose/measure/recorded_hellos.h"

namespace chainmend::cli {

// --before A --after B. Returns the exit code: kNo when something got worse.
int compare_measurements(const MeasureArguments& arguments);

// --hellos F --policy NAME. Returns the exit code: kNo when the policy refuses a hello.
int replay_policy(const MeasureArguments& arguments);

// What --hellos names; what of the file is left out is said on standard error. The error: there is
// no hello in it.
certs::Result<diagnose::RecordedHellos> read_hellos(const std::string& file);

}  // namespace chainmend::cli
