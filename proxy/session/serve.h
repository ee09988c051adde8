// serve(): the story of one client connection, from accept to close: TLS handshake, then HTTP or
// bytes.
#pragma once

#include <memory>

#include "proxy/net/task.h"
#include "proxy/session/connection.h"

namespace chainmend::session {

// Runs on worker's thread until the connection is over. Never throws for what a peer does. accepted
// comes by pointer because a copy in the coroutine's frame would be memory of each idle connection.
net::Task<void> serve(WorkerContext& worker, std::unique_ptr<Accepted> accepted);

}  // namespace chainmend::session
