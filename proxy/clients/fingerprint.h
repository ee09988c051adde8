// Fingerprints of a ClientHello as others publish them: JA3 (github.com/salesforce/ja3, BSD-3) and
// the TLS client part of JA4 (github.com/FoxIO-LLC/ja4, BSD-3). For logs and rules; never for
// metric labels.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "proxy/clients/client_hello.h"

namespace chainmend::clients {

// "769,47-53-5,0-10-11,23-24,0": version, suites, extensions, groups, point formats; GREASE left
// out.
std::string ja3_string(const ClientHello& hello);
// MD5 of ja3_string, 32 hex digits.
std::string ja3(const ClientHello& hello);
// "t13d1516h2_8daaf6152771_e5627efa2ab1": always that long.
using Ja4 = std::array<char, 36>;
Ja4 ja4(const ClientHello& hello);
inline std::string_view text_of(const Ja4& print) { return {print.data(), print.size()}; }

}  // namespace chainmend::clients
