// Which client says what of a certificate list that it refuses: libraries choose alerts otherwise
// than each other, and some choose none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chainmend::diagnose {

// For each client that was seen to send this alert, what of: "Java 17: the list leads to no root
// that it trusts, or is for another name". For alerts of certificates also who sends none. Empty:
// of no client known.
std::vector<std::string> clients_that_send(std::uint8_t alert);

}  // namespace chainmend::diagnose
