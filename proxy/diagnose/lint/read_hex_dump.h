// read_hex_dump(): certificates whose bytes stand in a text as hex: what certutil -encodehex, xxd
// and their like print, "0010  30 82 03 d5 ...". Dumps of anything else are passed over.
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// Pure; linear in the size of text.
Listing read_hex_dump(std::string_view text);

}  // namespace chainmend::diagnose
