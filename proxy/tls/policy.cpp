#include "proxy/tls/policy.h"
