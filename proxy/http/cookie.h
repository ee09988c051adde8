// cookie_value(): what a request says in one of its cookies (RFC 6265 4.2.1).
#pragma once

#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

// The value of the first cookie of that name, without looking into it; empty: there is none.
// Borrowed from the request. Allocates nothing.
std::string_view cookie_value(const RequestHead& request, std::string_view name);

}  // namespace chainmend::http
