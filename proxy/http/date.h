// The Date field's form of a time.
#pragma once

#include <chrono>
#include <string>

namespace chainmend::http {

// Appends an IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
void append_http_date(std::chrono::sys_seconds time, std::string& out);

}  // namespace chainmend::http
