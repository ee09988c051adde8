#include "proxy/tls/session_store.h"
