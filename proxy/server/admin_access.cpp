#include "proxy/server/admin_access.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "certs/bytes.h"
#include "proxy/serving/serving_state.h"

namespace chainmend::server {

namespace {

constexpr std::string_view kBearer = "Bearer ";  // RFC 6750 2.1

// Numeric, in brackets when it is IPv6.
bool is_address(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

// A browser says where the page came from that sends the request (Fetch Metadata, RFC 6454 7).
bool is_from_another_site(const http::RequestHead& head) {
  const http::Field* const site = head.find("Sec-Fetch-Site");
  if (site != nullptr && site->value != "same-origin" && site->value != "none") {
    return true;
  }
  const http::Field* const origin = head.find("Origin");
  return origin != nullptr && origin->value != "http://" + std::string(head.authority);
}

// In a time that does not tell how much of it was right: hashes are compared, whole.
bool has_token(const AdminAccess& access, const http::RequestHead& head) {
  const http::Field* const field = head.find(http::FieldId::authorization);
  if (access.token.empty() || field == nullptr || field->value.size() <= kBearer.size() ||
      !http::same_name(field->value.substr(0, kBearer.size()), kBearer)) {
    return false;
  }
  const auto said = certs::sha256(certs::as_bytes(field->value.substr(kBearer.size())));
  const auto wanted = certs::sha256(certs::as_bytes(access.token));
  return CRYPTO_memcmp(said.data(), wanted.data(), wanted.size()) == 0;
}

Page refusal(unsigned status, std::string text, std::string fields = {}) {
  return {.status = status, .body = std::move(text) + "\n", .fields = std::move(fields)};
}

}  // namespace

bool is_asked_as(const std::vector<std::string>& names, std::string_view host) {
  return host.empty() || http::same_name(host, "localhost") || is_address(host) ||
         std::ranges::any_of(names, [host](const std::string& pattern) {
           return serving::fits_host(pattern, host);
         });
}

std::optional<Page> refuse(const AdminAccess& access, const PageRequest& request, AdminAsk what) {
  const http::RequestHead& head = request.head;
  if (!is_asked_as(access.hosts, head.host)) {
    return refusal(421, "This listener is not asked by the name " + std::string(head.host) +
                            ": ask by its address, or list the name in admin.hosts");
  }
  if (what == AdminAsk::change && is_from_another_site(head)) {
    return refusal(403, "Changes are not taken from a web page of another site");
  }
  const bool from_browser = head.find("Sec-Fetch-Site") != nullptr;
  const bool needs_token =
      what == AdminAsk::change
          ? !request.from_here || from_browser
          : what == AdminAsk::page && !request.from_here && !access.token.empty();
  if (!needs_token || has_token(access, head)) {
    return std::nullopt;
  }
  if (access.token.empty()) {
    return refusal(403,
                   "Changes are taken from commands on this machine alone: have admin.token_file "
                   "name a token to allow others, and browsers");
  }
  return refusal(401, "Authorization: Bearer TOKEN is missing or wrong: admin.token_file holds it",
                 "WWW-Authenticate: Bearer realm=\"chainmend admin\"\r\n");
}

}  // namespace chainmend::server
