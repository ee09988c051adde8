#include "proxy/net/url.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>
#include <optional>

namespace chainmend::net {
namespace {

using certs::ErrorCode;
using certs::fail;
using certs::Result;

// Not <cctype>: its answers depend on the locale.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// "ldap" of "ldap:///cn=x"; none when the text starts with no scheme (RFC 3986 3.1).
std::optional<std::string> scheme_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_alpha(text[0])) {
    return std::nullopt;
  }
  const std::string_view scheme = text.substr(0, colon);
  const bool well_formed = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return well_formed ? std::optional(lowered(scheme)) : std::nullopt;
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_ipv6(std::string_view host) {
  boost::system::error_code error;
  boost::asio::ip::make_address_v6(std::string(host), error);
  return !error && host.find('%') == std::string_view::npos;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), port);
  if (error != std::errc() || stop != text.end() || port == 0) {
    return fail(ErrorCode::blocked, "the URL's port is not a number from 1 to 65535");
  }
  return port;
}

// host, host:port, [v6], [v6]:port
Result<HttpUrl> parse_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorCode::blocked, "the URL carries a user name or password");
  }
  HttpUrl url;
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos || !is_ipv6(authority.substr(1, bracket - 1))) {
      return fail(ErrorCode::blocked, "the URL's host is not a valid IPv6 address");
    }
    url.host = lowered(authority.substr(1, bracket - 1));
    host_end = bracket + 1;
  } else {
    const std::string_view host = authority.substr(0, host_end);
    if (!is_host_name(host)) {
      return fail(ErrorCode::blocked, "the URL's host is not a valid name or address");
    }
    url.host = lowered(host);
  }
  const std::string_view rest =
      host_end < authority.size() ? authority.substr(host_end) : std::string_view{};
  if (rest.empty() || rest == ":") {
    return url;
  }
  if (rest[0] != ':') {
    return fail(ErrorCode::blocked, "the URL's host is followed by something other than a port");
  }
  const Result<std::uint16_t> port = parse_port(rest.substr(1));
  if (!port) {
    return tl::unexpected(port.error());
  }
  url.port = *port;
  return url;
}

}  // namespace

std::string HttpUrl::authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == 80 ? name : name + ':' + std::to_string(port);
}

std::string HttpUrl::text() const { return "http://" + authority() + target; }

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) {
    return fail(ErrorCode::blocked,
                "the URL is longer than " + std::to_string(kMaxUrlBytes) + " bytes");
  }
  if (!is_visible(text)) {
    return fail(ErrorCode::blocked, "the URL holds blanks, control or non-ASCII bytes");
  }
  const std::optional<std::string> scheme = scheme_of(text);
  if (scheme != "http") {
    return fail(ErrorCode::blocked, scheme ? "only http URLs are fetched, not " + *scheme
                                           : std::string("the URL has no scheme"));
  }
  text.remove_prefix(scheme->size() + 1);
  if (!text.starts_with("//")) {
    return fail(ErrorCode::blocked, "the URL names no host");
  }
  text.remove_prefix(2);
  text = text.substr(0, text.find('#'));
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());

  Result<HttpUrl> url = parse_authority(text.substr(0, authority_end));
  if (!url) {
    return url;
  }
  const std::string_view target = text.substr(authority_end);
  url->target = target.starts_with('/') ? std::string(target) : '/' + std::string(target);
  return url;
}

Result<HttpUrl> resolve_location(const HttpUrl& base, std::string_view location) {
  if (location.empty()) {
    return fail(ErrorCode::network, "the redirect names no location");
  }
  if (scheme_of(location)) {
    return parse_http_url(location);
  }
  if (location.starts_with("//")) {
    return parse_http_url("http:" + std::string(location));
  }
  const std::string root = "http://" + base.authority();
  if (location.starts_with('/')) {
    return parse_http_url(root + std::string(location));
  }
  // RFC 3986 5.2.3: a relative path replaces what follows the last slash of the base's path.
  const std::string path = base.target.substr(0, base.target.find('?'));
  const std::string folder =
      location[0] == '?' || location[0] == '#' ? path : path.substr(0, path.rfind('/') + 1);
  return parse_http_url(root + folder + std::string(location));
}

std::string printable_url(std::string_view text) {
  constexpr std::size_t kMaxShown = 200;
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text.substr(0, kMaxShown)) {
    if (c > ' ' && c < '\x7f') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
  }
  return text.size() > kMaxShown ? out + "..." : out;
}

}  // namespace chainmend::net
