// log_request(): the line that a request leaves in the access log.
#pragma once

#include "proxy/session/connection.h"
#include "proxy/session/exchange.h"
#include "proxy/session/http_exchange.h"

namespace chainmend::session {

// Costs a load when there is no such log. first: the first request of its connection.
void log_request(const Connection& connection, const Exchange& x, const ExchangeEnd& end,
                 bool first);

}  // namespace chainmend::session
