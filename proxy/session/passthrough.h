// Passthrough: the client's TLS connection ends at a server behind us; we pass its bytes on and
// only look at them. Such a handshake is named, counted and logged like one of our own.
#pragma once

#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/handshake_report.h"

namespace chainmend::session {

enum class Passed {
  no,          // no rule takes this client: it speaks TLS with us from here on
  plain_http,  // it speaks HTTP without TLS, is counted as that, and awaits an answer
  over,        // it was served, and the connection is over
};

// For a listener that passes some or all of its clients through: waits for the hello, decides, and
// where a rule takes the client, serves it to its end.
net::Task<Passed> pass_through(Connection& connection, HandshakeReport& report);

}  // namespace chainmend::session
