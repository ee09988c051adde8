// AdminAccess: who may ask the admin listener for what. Pages are for whoever reaches them, unless
// a token is configured; changes are for callers on this machine and for those who have the token.
// Neither is for a web site that a browser here has open: it reaches loopback by a name of its own
// (DNS rebinding), or blindly with a form. From a browser, changes come with the token, also here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/server/page_server.h"

namespace chainmend::server {

struct AdminAccess {
  std::vector<std::string> hosts;  // names of ours: lower case, "*.contoso.com"
  std::string token;               // empty: none is configured
};

enum class AdminAsk {
  health,  // /healthz, /readyz: what a load balancer asks, which has no token
  page,
  change,
};

// Whether a request with this Host means us: by an address, as localhost or by one of these names,
// as in AdminAccess. A name that whoever owns it can point at this machine must be one that the
// operator gave. Only HTTP/1.0 may leave Host out, and no browser does.
bool is_asked_as(const std::vector<std::string>& names, std::string_view host);

// Why this caller does not get what it asks for; nothing: it may have it.
std::optional<Page> refuse(const AdminAccess& access, const PageRequest& request, AdminAsk what);

}  // namespace chainmend::server
