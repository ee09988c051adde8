#include "proxy/tls/ticket_keys.h"
