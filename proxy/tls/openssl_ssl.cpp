#include "proxy/tls/openssl_ssl.h"

#include <openssl/err.h>

namespace chainmend::tls {

std::string drain_openssl_error() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return reason == nullptr ? "unknown error" : reason;
}

}  // namespace chainmend::tls
