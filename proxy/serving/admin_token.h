// The token of the admin listener, read from the file that the configuration names.
#pragma once

#include <string>

#include "config/config.h"
#include "proxy/serving/load_certificates.h"

namespace chainmend::serving {

// Empty: none is configured, or there is none that can be used, which is said.
std::string load_admin_token(const config::Admin& admin, Findings& findings);

}  // namespace chainmend::serving
