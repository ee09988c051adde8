// The cookies of a request (RFC 6265 4.2.1).
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

// The value of the first cookie of that name, without looking into it; empty: there is none.
// Borrowed from the request. Allocates nothing.
std::string_view cookie_value(const RequestHead& request, std::string_view name);

// Whether the value of a Cookie field has a cookie of that name.
bool has_cookie(std::string_view cookies, std::string_view name);

// The value of a Cookie field without the cookies of that name. False: there are no others, and
// nothing was appended.
bool append_other_cookies(std::string_view cookies, std::string_view name, std::string& out);

}  // namespace chainmend::http
