// make_hello: the first message of a built-in client, put together from its row in stacks.h. For
// replays against policies of our own, for questions to other servers, and for tests.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "proxy/clients/stacks.h"

namespace chainmend::clients {

// The bytes as they go on the wire, record header included; the same at each call. server_name goes
// into extension 0; empty, or of a client that names no server: the extension is left out.
//
// Random and session id are constant. The key share is the base point of X25519 or P-256, so that
// the shared secret is the server's own share: who sent the hello can read an answer in TLS 1.3.
std::vector<std::uint8_t> make_hello(const ClientStack& stack, std::string_view server_name);

}  // namespace chainmend::clients
