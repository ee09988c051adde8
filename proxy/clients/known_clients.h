// KnownClients: what the process remembers of clients, over reloads.
#pragma once

#include "proxy/clients/learned.h"
#include "proxy/clients/seen_hellos.h"

namespace chainmend::clients {

struct KnownClients {
  LearnedClients learned;
  SeenHellos hellos;
};

}  // namespace chainmend::clients
