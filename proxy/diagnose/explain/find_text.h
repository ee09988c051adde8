// find_text(): the code that a line of any program's output talks about.
#pragma once

#include <string_view>

#include "proxy/diagnose/explain/codes.h"

namespace chainmend::diagnose {

// Names ("CERT_E_UNTRUSTEDROOT"), texts ("PKIX path building failed"), and numbers in the forms
// that leave no doubt whose they are: "hr=0x80072f0d", "-2146762487", "alert number 48",
// "error:0A000418", "curl: (60)". Of several the one that says most: a cause before a mere "it
// failed", then the longest. Null: nothing that is known. Looks at the first 16 KiB. Safe to call
// from any thread.
const Code* find_text(std::string_view line);

// The TLS alert that a line names by number or name behind the word "alert". Null: none.
const Code* find_alert(std::string_view line);

// True for what says that something failed, and not why.
bool is_vague(const Code& code);

}  // namespace chainmend::diagnose
