#include "proxy/diagnose/probe/target.h"

#include <idn2.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>

#include "config/values.h"
#include "proxy/logs/escape.h"

namespace chainmend::diagnose {
namespace {

using certs::ErrorCode;
using certs::fail;
using certs::Result;

constexpr std::uint16_t kHttps = 443;
constexpr std::string_view kForms = "write HOST, HOST:PORT, an address, or [IPV6]:PORT";

tl::unexpected<certs::Error> refuse(std::string_view what, const std::string& why) {
  return fail(ErrorCode::malformed, why, logs::visible(what));
}

// The name as DNS and TLS ask for it; the error: why it is none.
Result<std::string> as_ascii(const std::string& name) {
  char* ascii = nullptr;
  const int result = idn2_to_ascii_8z(name.c_str(), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (result != IDN2_OK) {
    return fail(ErrorCode::malformed, idn2_strerror(result));
  }
  std::string out(ascii);
  idn2_free(ascii);
  return out;
}

bool is_blank_or_control(char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; }

std::optional<std::string> as_address(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? std::nullopt : std::optional(address.to_string());
}

Result<Target> parse_authority(std::string_view text, std::string_view authority) {
  // An IPv6 address without brackets: more than one colon, so no port can follow.
  if (std::ranges::count(authority, ':') > 1 && !authority.starts_with('[')) {
    if (const auto address = as_address(std::string(authority))) {
      return Target{*address, kHttps, true};
    }
    return refuse(text,
                  "has more than one colon and is no IPv6 address, which with a port is written in "
                  "brackets: [2001:db8::1]:443");
  }
  // The zone of a link-local address is not the configuration's business, but it is ours.
  if (authority.find('%') != std::string_view::npos) {
    const auto end = authority.find(']');
    const std::string inside(authority.substr(1, end == std::string_view::npos ? end : end - 1));
    if (const auto address = as_address(inside); authority.starts_with('[') && address) {
      const auto rest = config::parse_host_and_port(
          "[::1]" + std::string(authority.substr(std::min(end + 1, authority.size()))), kHttps);
      if (rest) {
        return Target{*address, rest->port, true};
      }
    }
    return refuse(text, "is no address with a zone; write [fe80::1%eth0]:443");
  }
  auto parsed = config::parse_host_and_port(authority, kHttps);
  if (!parsed || parsed->port == 0) {
    return refuse(text,
                  "is no host with or without a port from 1 to 65535: " + std::string(kForms));
  }
  const auto address = as_address(parsed->host);
  return Target{address.value_or(parsed->host), parsed->port, address.has_value()};
}

}  // namespace

std::string Target::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Target> parse_target(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty() && rest.front() == ' ') {
    rest.remove_prefix(1);  // people paste
  }
  while (!rest.empty() && rest.back() == ' ') {
    rest.remove_suffix(1);
  }
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string name = config::lower(rest.substr(0, scheme));
    if (name == "http") {
      return refuse(text, "http:// has no TLS to look at; give the host, or https://");
    }
    if (name != "https") {
      return refuse(text, "only https:// addresses can be probed; " + std::string(kForms));
    }
    rest = rest.substr(scheme + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
  } else if (rest.find_first_of("/?#") != std::string_view::npos) {
    return refuse(text, "a path has no use here; " + std::string(kForms));
  }
  if (rest.find('@') != std::string_view::npos) {
    return fail(ErrorCode::malformed, "a target takes no user or password; " + std::string(kForms));
  }
  if (rest.empty()) {
    return fail(ErrorCode::malformed, "a target is empty; " + std::string(kForms));
  }
  if (std::ranges::any_of(rest, is_blank_or_control)) {
    return refuse(text, "has a blank or a control character in it; " + std::string(kForms));
  }
  // "mail.contoso.com.": the dot that ends a name in DNS is not part of it in TLS (RFC 6066 3).
  std::string authority(rest);
  const auto colon = authority.find(':');
  const auto end = colon == std::string::npos ? authority.size() : colon;
  if (end > 1 && authority[end - 1] == '.') {
    authority.erase(end - 1, 1);
  }
  if (std::ranges::any_of(authority, [](char c) { return (c & 0x80) != 0; })) {
    const auto port = std::min(authority.find(':'), authority.size());
    const auto ascii = as_ascii(authority.substr(0, port));
    if (!ascii) {
      return refuse(text, "is no name that DNS can have: " + ascii.error().text);
    }
    authority.replace(0, port, *ascii);
  }
  return parse_authority(text, authority);
}

}  // namespace chainmend::diagnose
