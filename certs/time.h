// Points in time as certificates know them: whole seconds, UTC.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "certs/result.h"

namespace chainmend::certs {

using Time = std::chrono::sys_seconds;

Result<Time> to_time(const ASN1_TIME* t);
std::string format_time(Time t);  // ISO 8601, "2026-11-22T10:00:00Z"
Result<Time> parse_time(
    std::string_view);  // ISO 8601 with Z ("2026-11-22" is its midnight), or epoch seconds

}  // namespace chainmend::certs
