#include "proxy/tls/openssl_ssl.h"
