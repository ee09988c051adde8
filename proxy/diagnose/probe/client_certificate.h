// What a server asks of clients that have a certificate of their own: from which authorities, and
// whether it goes on without one. Judged against what IIS' Schannel can send and read. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "proxy/diagnose/finding.h"

namespace chainmend::diagnose {

struct ClientCertificateRequest {
  std::vector<std::string> authorities;  // names as people read them, in the server's order
  std::size_t bytes = 0;                 // of the list on the wire: each name and its length
  bool required = false;                 // the server ended the connection for lack of one
};

// names: DER of distinguished names, as sent.
ClientCertificateRequest read_request(const std::vector<certs::Bytes>& names, bool required);

std::vector<Finding> judge_request(const ClientCertificateRequest& request);

}  // namespace chainmend::diagnose
