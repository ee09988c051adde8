#include "certs/certificate.h"
