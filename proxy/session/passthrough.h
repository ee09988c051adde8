// Passthrough: TLS goes on to a server as it comes, and ends there; we only look. That the
// handshake is the client's with somebody else changes nothing in how it is named, counted and
// logged.
#pragma once

#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/handshake_report.h"

namespace chainmend::session {

enum class Passed {
  no,          // nothing was answered yet: client speaks TLS with us from here on
  plain_http,  // nothing was answered yet: it speaks HTTP, and is counted as that
  over,        // the connection is
};

// For a listener that passes some or all of its clients through: waits for the hello, decides, and
// where a rule takes the client, serves it to its end.
net::Task<Passed> pass_through(Connection& connection, HandshakeReport& report);

}  // namespace chainmend::session
