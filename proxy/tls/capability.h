// Capability: what the OpenSSL that we are linked with can really do, found out by trying.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chainmend::tls {

struct Capability {
  std::string library;  // "OpenSSL 3.0.22 25 Aug 2026"
  bool ssl3 = false, tls1_0 = false, tls1_1 = false, tls1_2 = false, tls1_3 = false;
  bool rc4 = false;
  bool triple_des = false;
  bool sslv2_hello = false;           // accepts an SSLv2-format hello that offers TLS 1.0
  std::vector<std::uint16_t> suites;  // every suite at security level 0, ascending

  bool has_suite(std::uint16_t suite) const;
};

// Probes with handshakes in memory; some milliseconds.
Capability probe_capability();
// Probed once per process, on first use. Thread-safe.
const Capability& capability();

}  // namespace chainmend::tls
