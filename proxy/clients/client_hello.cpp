#include "proxy/clients/client_hello.h"
