// read_format_list(): certificates as PowerShell's Format-List prints them, "Subject : CN=...", a
// line for each property and a blank one between certificates; long values go on in lines below.
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// Empty when the text is no such list. Pure; linear in the size of text.
Listing read_format_list(std::string_view text);

}  // namespace chainmend::diagnose
