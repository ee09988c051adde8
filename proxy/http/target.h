// The request target and Host (RFC 9112 3.2, RFC 3986), as strictly as IIS and browsers allow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/http/fault.h"
#include "proxy/http/head.h"

namespace chainmend::http {

struct Authority {
  std::string_view host;  // brackets kept around IPv6
  std::optional<std::uint16_t> port;
};

// Splits "host[:port]". Unset for an empty host, userinfo, a port over 65535 or 0, and any byte
// that neither a DNS name, an IPv4 nor a bracketed IPv6 address can hold.
std::optional<Authority> parse_authority(std::string_view text) noexcept;

// Sets form, path, query and, for the absolute-form, authority, host, port and https_target from
// head.method and head.target.
[[nodiscard]] Parsed parse_target(RequestHead& head) noexcept;

// Writes the path that routes are compared with: percent-encoding undone once, '\' as '/', "." and
// ".." and doubled slashes resolved as IIS resolves them, lower case (ASCII). The asterisk, which
// means the server as a whole, goes where "/" goes. What goes upstream stays as received.
void normalise_path(std::string_view path, std::string& out);

}  // namespace chainmend::http
