#include "proxy/tls/explain.h"
