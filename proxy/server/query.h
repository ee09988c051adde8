// The query of a request to the admin listener, as forms and scripts write it
// (application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace chainmend::server {

// A name or a value as it was meant: %XX and + undone.
std::string unescaped(std::string_view text);

// The value of a parameter, with its encoding undone; the first one of that name. query: with its
// '?' or without.
std::optional<std::string> parameter(std::string_view query, std::string_view name);

}  // namespace chainmend::server
