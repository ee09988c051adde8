#include "proxy/http/target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "proxy/http/characters.h"

namespace chainmend::http {
namespace {

bool is_ipv6(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return false;
  }
  std::ranges::copy(text, terminated.begin());
  in6_addr address{};
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

// The length of "[...]" or of a name at the start; 0 when there is no valid host.
std::size_t host_length(std::string_view text) noexcept {
  if (!text.starts_with('[')) {
    return span_of(text, kHost);
  }
  const std::size_t end = text.find(']');
  const bool valid = end != std::string_view::npos && is_ipv6(text.substr(1, end - 1));
  return valid ? end + 1 : 0;
}

// Every '%' is followed by two hexadecimal digits.
bool percent_encoding_valid(std::string_view path) noexcept {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    if (at + 2 >= path.size() || hex_value(path[at + 1]) < 0 || hex_value(path[at + 2]) < 0) {
      return false;
    }
  }
  return true;
}

Parsed parse_path_and_query(std::string_view text, RequestHead& head) noexcept {
  const std::size_t path_end = span_of(text, kPath);
  head.path = text.substr(0, path_end);
  head.query = text.substr(path_end);
  const bool valid = percent_encoding_valid(head.path) &&
                     (head.query.empty() || head.query.front() == '?') &&
                     all_of(head.query, kQuery);
  return valid ? Parsed{} : tl::unexpected(HeadFault::bad_target);
}

// The length of "http://" or "https://" at the start, in any case; 0 for anything else.
std::size_t scheme_length(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_name(target.substr(0, scheme.size()), scheme)) {
      return scheme.size();
    }
  }
  return 0;
}

Parsed parse_absolute(RequestHead& head) noexcept {
  const std::size_t scheme = scheme_length(head.target);
  if (scheme == 0) {
    return tl::unexpected(HeadFault::bad_target);
  }
  head.form = TargetForm::absolute;
  head.https_target = scheme == std::string_view("https://").size();
  std::string_view rest = head.target.substr(scheme);
  head.authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(head.authority.size());
  const auto authority = parse_authority(head.authority);
  if (!authority) {
    return tl::unexpected(HeadFault::bad_target);
  }
  head.host = authority->host;
  head.port = authority->port;
  auto parsed = parse_path_and_query(rest, head);
  if (parsed && head.path.empty()) {
    // RFC 9112 3.2.4: OPTIONS for a whole server, and 3.2.1 for the rest.
    head.path = head.method == "OPTIONS" && head.query.empty() ? "*" : "/";
  }
  return parsed;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) noexcept {
  const std::size_t host_end = host_length(text);
  if (host_end == 0) {
    return std::nullopt;
  }
  Authority authority{text.substr(0, host_end), std::nullopt};
  const std::string_view rest = text.substr(host_end);
  if (rest.empty() || rest == ":") {  // RFC 3986 3.2.3 allows an empty port
    return authority;
  }
  const std::string_view digits = rest.substr(1);
  if (rest.front() != ':' || digits.size() > 5 || !all_of(digits, kDigit)) {
    return std::nullopt;
  }
  unsigned port = 0;
  for (const char c : digits) {
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) {
    return std::nullopt;
  }
  authority.port = static_cast<std::uint16_t>(port);
  return authority;
}

Parsed parse_target(RequestHead& head) noexcept {
  if (head.target.starts_with('/')) {
    head.form = TargetForm::origin;
    return parse_path_and_query(head.target, head);
  }
  if (head.target == "*" && head.method == "OPTIONS") {
    head.form = TargetForm::asterisk;
    head.path = head.target;
    return {};
  }
  return parse_absolute(head);
}

void normalise_path(std::string_view path, std::string& out) {
  out.clear();
  if (path == "*") {
    path = "/";
  }
  const auto end_segment = [&out] {  // resolves what stands behind the last '/'
    const std::size_t start = out.rfind('/') + 1;
    const std::string_view segment = std::string_view(out).substr(start);
    if (segment == ".") {
      out.resize(start);
    } else if (segment == "..") {
      const std::size_t parent = start < 2 ? std::string::npos : out.rfind('/', start - 2);
      out.resize(parent == std::string::npos ? 1 : parent + 1);
    }
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    char c = path[i];
    if (c == '%' && i + 2 < path.size() && hex_value(path[i + 1]) >= 0 &&
        hex_value(path[i + 2]) >= 0) {
      c = static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
      i += 2;
    }
    if (c != '/' && c != '\\') {
      out.push_back(lower(c));
      continue;
    }
    end_segment();
    if (out.empty() || out.back() != '/') {
      out.push_back('/');
    }
  }
  end_segment();
}

}  // namespace chainmend::http
