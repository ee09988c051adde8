// make_route(): a configured route as connections use it.
#pragma once

#include "config/config.h"
#include "proxy/serving/serving_state.h"

namespace chainmend::serving {

// All of it but host, upstream and metrics.
Route make_route(const config::Route& from);

}  // namespace chainmend::serving
