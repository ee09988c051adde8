#include "proxy/diagnose/f5/address.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/values.h"

namespace chainmend::diagnose::f5 {

namespace {

// Of the names that tmsh prints instead of numbers, those that stand before servers of the web,
// of mail, of telephony and of directories.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 44> kServices{{
    {"ftp-data", 20},
    {"ftp", 21},
    {"ssh", 22},
    {"telnet", 23},
    {"smtp", 25},
    {"domain", 53},
    {"http", 80},
    {"kerberos", 88},
    {"pop3", 110},
    {"epmap", 135},
    {"netbios-ssn", 139},
    {"imap", 143},
    {"snmp", 161},
    {"ldap", 389},
    {"https", 443},
    {"microsoft-ds", 445},
    {"snpp", 444},
    {"urd", 465},
    {"smtps", 465},
    {"submission", 587},
    {"ldaps", 636},
    {"imaps", 993},
    {"pop3s", 995},
    {"ms-sql-s", 1433},
    {"radius", 1812},
    {"nfs", 2049},
    {"msft-gc", 3268},
    {"msft-gc-ssl", 3269},
    {"mysql", 3306},
    {"ms-wbt-server", 3389},
    {"f5-iquery", 4353},
    {"sip", 5060},
    {"sip-tls", 5061},
    {"postgresql", 5432},
    {"vnc-server", 5900},
    {"x11", 6000},
    {"commplex-main", 5000},
    {"http-alt", 8008},
    {"webcache", 8080},
    {"pcsync-https", 8443},
    {"unify", 181},
    {"ics", 5639},
    {"irdmi", 8000},
    {"tproxy", 8081},
}};

bool is_any(std::string_view text) {
  return text.empty() || text == "any" || text == "any6" || text == "*" || text == "0.0.0.0" ||
         text == "::";
}

}  // namespace

std::optional<std::uint16_t> read_port(std::string_view text) {
  if (text == "any" || text == "*") {
    return std::uint16_t{0};
  }
  if (const auto number = config::parse_number(text)) {
    return *number <= 65'535 ? std::optional(static_cast<std::uint16_t>(*number)) : std::nullopt;
  }
  const auto* const named =
      std::ranges::find(kServices, text, [](const auto& row) { return row.first; });
  return named == kServices.end() ? std::nullopt : std::optional(named->second);
}

std::optional<std::uint64_t> read_seconds(std::string_view text) {
  constexpr std::uint64_t kYear = 31'536'000;
  const auto number = config::parse_number(text);
  return number && *number > 0 ? std::optional(std::min(*number, kYear)) : std::nullopt;
}

bool is_address(std::string_view text) {
  return config::is_ipv6_address(text) ||
         (config::is_host(text) && text.find_first_not_of("0123456789.") == std::string_view::npos);
}

std::string without_route_domain(std::string_view address, int& route_domain) {
  const auto percent = address.find('%');
  if (percent == std::string_view::npos) {
    return std::string(address);
  }
  const auto number = config::parse_number(address.substr(percent + 1));
  route_domain = number && *number <= 65'534 ? static_cast<int>(*number) : -1;
  return std::string(address.substr(0, percent));
}

std::optional<Destination> read_destination(std::string_view text) {
  const std::string_view base = text.substr(text.rfind('/') + 1);
  const bool is_v6 = std::ranges::count(base, ':') > 1 || base.starts_with("any6");
  const auto end = base.rfind(is_v6 ? '.' : ':');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto port = read_port(base.substr(end + 1));
  if (!port) {
    return std::nullopt;
  }
  Destination out;
  out.port = *port;
  const std::string address = without_route_domain(base.substr(0, end), out.route_domain);
  if (is_any(address)) {
    return out;
  }
  // The name of an object keeps its partition.
  out.address =
      is_address(address) ? address : std::string(text.substr(0, text.rfind('/') + 1)) + address;
  return out;
}

std::string host_and_port(std::string_view host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return (is_v6 ? "[" : "") + std::string(host) + (is_v6 ? "]:" : ":") + std::to_string(port);
}

}  // namespace chainmend::diagnose::f5
