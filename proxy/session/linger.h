// linger(): ends a connection on which the client may still be sending. Closing at once would
// answer its bytes with RST, and RST can destroy our last words before the client has read them.
#pragma once

#include "proxy/net/task.h"
#include "proxy/session/connection.h"

namespace chainmend::session {

// Says that nothing more comes, then discards what the client sends until it closes, for a bounded
// time.
net::Task<void> linger(Connection& connection);

}  // namespace chainmend::session
