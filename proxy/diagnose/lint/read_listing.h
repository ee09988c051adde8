// read_listing(): a text that names certificates, whoever wrote it: the readers of this folder, one
// after the other.
#pragma once

#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// Empty when no reader finds anything. In the order of the lines; who stands there both with and
// without bytes is given once, with them. Pure; linear in the size of text.
Listing read_listing(std::string_view text);

}  // namespace chainmend::diagnose
