// secure(): the TLS handshake with a client, where the listener has one, and what is owed to a
// client that does not get through it.
#pragma once

#include "proxy/net/task.h"
#include "proxy/session/connection.h"
#include "proxy/session/handshake_report.h"

namespace chainmend::session {

// True: what comes now is what the listener is for. False: the connection is over.
net::Task<bool> secure(Connection& connection, HandshakeReport& report);

// Someone typed http:// where https:// belongs: an answer says so, a closed connection would not.
net::Task<void> refuse_plain_http(Connection& connection);

}  // namespace chainmend::session
