#include "proxy/clients/fingerprint.h"
