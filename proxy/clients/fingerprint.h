// Fingerprints of a ClientHello as others publish them: JA3 (github.com/salesforce/ja3, BSD-3) and
// the TLS client part of JA4 (github.com/FoxIO-LLC/ja4, BSD-3). For logs and rules; never for
// metric labels.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/clients/client_hello.h"

namespace chainmend::clients {

// "769,47-53-5,0-10-11,23-24,0": version, suites, extensions, groups, point formats; GREASE left
// out.
std::string ja3_string(const ClientHello& hello);
// MD5 of ja3_string, 32 hex digits.
std::string ja3(const ClientHello& hello);
// "t13d1516h2_8daaf6152771_e5627efa2ab1"
std::string ja4(const ClientHello& hello);

// Both, to be kept: no memory but their own. Unused places at the end are zero.
using Ja4 = std::array<char, 36>;
struct Fingerprints {
  std::array<char, 32> ja3{};
  Ja4 ja4{};

  std::string_view ja3_text() const;
  std::string_view ja4_text() const;
};
Fingerprints fingerprints(const ClientHello& hello);

}  // namespace chainmend::clients
