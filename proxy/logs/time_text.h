// The time as both logs write it: ISO 8601 UTC with milliseconds, "2012-06-01T08:30:00.250Z".
#pragma once

#include <chrono>
#include <string>

namespace chainmend::logs {

std::string time_text(std::chrono::system_clock::time_point at);

}  // namespace chainmend::logs
