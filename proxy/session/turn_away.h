// turn_away(): tells a client that there is no room, where that can be said: by 503 over HTTP, by
// an alert before TLS, by a clean end where neither is spoken. A reset would look like a fault of
// the network.
#pragma once

#include <memory>
#include <string_view>

#include "proxy/metrics/listener.h"
#include "proxy/net/task.h"
#include "proxy/session/connection.h"

namespace chainmend::session {

// A fatal alert of TLS 1.0, which every version understands before one is agreed on:
// internal_error (RFC 8446 6.2), since none says "try again".
inline constexpr std::string_view kNotNow("\x15\x03\x01\x00\x02\x02\x50", 7);

// Runs on worker's thread, for a few seconds at most. Under TLS a 503 costs a handshake: it is
// given only when it is not handshakes that there are too many of, and to some clients at a time.
net::Task<void> turn_away(WorkerContext& worker, std::unique_ptr<Accepted> accepted,
                          metrics::RejectReason reason);

}  // namespace chainmend::session
