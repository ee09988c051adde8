#include "proxy/tls/capability.h"
