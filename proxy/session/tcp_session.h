// TCP mode: TLS ends here, the bytes inside go on as they are, each direction until its own end.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "proxy/session/connection.h"
#include "proxy/session/handshake_report.h"

namespace chainmend::session {

boost::asio::awaitable<void> serve_tcp(Connection& connection, HandshakeReport& report);

}  // namespace chainmend::session
