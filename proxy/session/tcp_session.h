// TCP mode: TLS ends here, the bytes inside go on as they are, each direction until its own end.
#pragma once

#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/handshake_report.h"

namespace chainmend::session {

net::Task<void> serve_tcp(Connection& connection, HandshakeReport& report);

}  // namespace chainmend::session
