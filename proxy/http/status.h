// Names of statuses, and what a method promises.
#pragma once

#include <string_view>

namespace chainmend::http {

// "Bad Gateway" for 502; "Unknown" for a status without a registered phrase.
std::string_view reason_phrase(unsigned status) noexcept;

// Safe to send again when a connection died before any answer (RFC 9110 9.2.2): GET, HEAD, OPTIONS,
// TRACE, PUT, DELETE. Unknown methods are not.
bool is_idempotent(std::string_view method) noexcept;

}  // namespace chainmend::http
