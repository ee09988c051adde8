// The /status page: the report that `check --json` prints, without PEM, and with what only the
// running process knows: addresses as bound, states of servers, reloads.
#pragma once

#include <string>

#include "proxy/server/overview.h"

namespace chainmend::server {

std::string status_json(const Overview& overview);

}  // namespace chainmend::server
