#include "certs/openssl.h"

#include <openssl/err.h>

namespace chainmend::certs {

std::string drain_openssl_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) {
      text += ", ";
    }
    text += reason != nullptr ? reason : "error " + std::to_string(code);
  }
  return text;
}

}  // namespace chainmend::certs
