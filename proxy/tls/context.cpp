#include "proxy/tls/context.h"
