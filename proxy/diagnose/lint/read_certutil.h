// read_certutil(): what certutil prints of a store or a file (-store, -dump, with and without -v),
// in any language of Windows. Words are not read: certificates are found by the ruler lines between
// them, and their fields by form and order: the serial number (hex), the issuer (a name), two
// dates, the subject (a name), and hashes with "(sha1)" behind a label, which no language
// translates.
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// Empty when the text is nothing of certutil's. Pure; linear in the size of text.
Listing read_certutil(std::string_view text);

}  // namespace chainmend::diagnose
