// What the log says when a route requires a certificate of the client, and it has shown none.
#pragma once

#include "proxy/session/connection.h"

namespace chainmend::session {

void log_missing_certificate(const Connection& connection, const serving::Route& route);

}  // namespace chainmend::session
