// Target: the server that somebody asks about, read from what people paste: a name, an address, a
// URL. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "certs/result.h"

namespace chainmend::diagnose {

struct Target {
  // A name in lower case without a trailing dot, as TLS and DNS ask for it (xn--...), or an address
  // without brackets.
  std::string host;
  std::uint16_t port = 443;
  bool is_address = false;
  std::string text() const;  // "[::1]:443"
};

// HOST, HOST:PORT, with a name in Unicode as well (IDNA 2008, UTS 46), ADDRESS, [IPV6]:PORT,
// https://HOST[:PORT]/any/path. The error says what to write instead.
certs::Result<Target> parse_target(std::string_view text);

}  // namespace chainmend::diagnose
