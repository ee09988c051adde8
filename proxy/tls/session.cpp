#include "proxy/tls/session.h"
