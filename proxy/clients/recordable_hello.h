// recordable_hello(): a first flight as it may be kept in a log and said again later: the bytes of
// the ClientHello alone, with all that is secret or of this one connection made zero: random (or
// challenge), session id, session ticket, the identities and binders of pre-shared keys. Lengths,
// order and everything else stay, the server name too.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace chainmend::clients {

// Of bytes that parse_client_hello() calls a hello; of others nothing.
std::vector<std::uint8_t> recordable_hello(std::span<const std::uint8_t> first_flight);

}  // namespace chainmend::clients
