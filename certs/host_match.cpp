#include "certs/host_match.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <array>

namespace chainmend::certs {

bool is_for_host(const Certificate& leaf, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const bool numeric = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                       ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
  return numeric ? X509_check_ip_asc(leaf.x509(), host.c_str(), 0) == 1
                 : X509_check_host(leaf.x509(), host.data(), host.size(),
                                   X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr) == 1;
}

}  // namespace chainmend::certs
