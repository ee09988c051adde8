// read_format_table(): certificates as PowerShell's Format-Table prints them: a head with the names
// of the properties, a line of dashes below each, and a row for each certificate.
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// Empty when there is no such table in the text. Pure; linear in the size of text.
Listing read_format_table(std::string_view text);

}  // namespace chainmend::diagnose
