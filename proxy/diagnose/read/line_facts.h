// What most log lines have, wherever their format puts it: when, who, and what was asked for.
#pragma once

#include <optional>
#include <string_view>

#include "certs/time.h"

namespace chainmend::diagnose {

// The first date with a time in the first 160 bytes: ISO 8601, "2026/11/27 02:29:23" (nginx),
// "2026.11.27 02:29:23" (stunnel), "27/Nov/2026:02:29:23" (HAProxy), "Nov 27 02:29:23" (syslog),
// "11/27/2026 2:29:23 AM", "11/27/2026|02:29:23" and "27.11.2026 02:29:23" (Windows). A time zone
// that stands behind it counts, else UTC is meant. now: gives syslog's times their year, the latest
// that is past.
std::optional<certs::Time> time_in(std::string_view line, certs::Time now);

// "2016-12-21" and "15:01:37", as the columns of W3C logs have them.
std::optional<certs::Time> time_of_columns(std::string_view date, std::string_view time);

// The address that text begins with, without its port: "10.0.0.7:51234", "[2001:db8::1]:51234".
// Empty: none.
std::string_view address_of(std::string_view text);

// The address of the client, by the words that programs put before it. Empty: none is told.
std::string_view client_in(std::string_view line);

// A URL without its query, or the path of a quoted request line, or the name of a function such as
// "NAutoDiscover::DnsAutodiscoverTask::TryAutodiscoverUrls". Empty: none.
std::string_view target_in(std::string_view line);

}  // namespace chainmend::diagnose
