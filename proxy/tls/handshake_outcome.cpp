#include "proxy/tls/handshake_outcome.h"
