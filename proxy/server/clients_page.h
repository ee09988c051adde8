// The /clients page: what became of each type's handshakes, and the hellos that came; as JSON, for
// `chainmend clients` and for tools.
#pragma once

#include <string>

#include "proxy/clients/known_clients.h"
#include "proxy/server/overview.h"

namespace chainmend::server {

std::string clients_json(const Overview& overview, const clients::KnownClients& known);

}  // namespace chainmend::server
