// ServerLook: what a server behind us shows to a first connection that accepts any certificate.
// Nothing is judged here: the caller compares it with the names and roots that are configured.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "config/config.h"

namespace chainmend::diagnose {

struct ServerLook {
  std::string trouble;                      // why there is no connection; empty: it stands
  std::vector<certs::CertificatePtr> list;  // as sent, leaf first; also when the handshake failed
};

// Resolves, connects and shakes hands, with server_name as SNI unless it is an address. Each step
// may take as long as `patience`; the call waits for it. Sends no request.
ServerLook look_at(const config::Server& server, const std::string& server_name,
                   std::chrono::milliseconds patience);

}  // namespace chainmend::diagnose
