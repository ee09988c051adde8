// The /clients page: what became of each type's handshakes, and the hellos that came; as JSON, for
// `chainmend clients` and for tools.
#pragma once

#include <string>

#include "proxy/clients/known_clients.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/metrics/metrics.h"

namespace chainmend::server {

std::string clients_json(const metrics::Metrics& metrics, const clients::KnownClients& known,
                         const logs::HandshakeLog& handshakes);

}  // namespace chainmend::server
