#include "config/values.h"

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace chainmend::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr Address kMappedV4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};

using Unit = std::pair<std::string_view, std::uint64_t>;

// "64KiB": a number and one of the units, multiplied; nothing on overflow.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, N>& units) {
  const auto digits_end = std::ranges::find_if_not(text, is_digit);
  const auto digits = static_cast<std::size_t>(digits_end - text.begin());
  const std::optional<std::uint64_t> number = parse_number(text.substr(0, digits));
  const auto* const unit = std::ranges::find(units, text.substr(digits), &Unit::first);
  if (!number || unit == units.end() ||
      *number > std::numeric_limits<std::uint64_t>::max() / unit->second) {
    return std::nullopt;
  }
  return *number * unit->second;
}

// The one spelling of a numeric address: "0:0::0" and "::" are the same.
std::optional<std::string> canonical_address(const std::string& text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(family, text.c_str(), binary.data()) != 1 ||
      inet_ntop(family, binary.data(), out.data(), out.size()) == nullptr) {
    return std::nullopt;
  }
  return out.data();
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string duration_text(Milliseconds time) {
  constexpr std::pair<std::string_view, Milliseconds::rep> kUnits[] = {
      {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}};
  for (const auto& [unit, size] : kUnits) {
    if (time.count() >= size && time.count() % size == 0) {
      return fmt::format("{}{}", time.count() / size, unit);
    }
  }
  return fmt::format("{}ms", time.count());
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"GiB", 30}, {"MiB", 20}, {"KiB", 10}};
  for (const auto& [unit, bits] : kUnits) {
    if (bytes >> bits != 0 && (bytes >> bits) << bits == bytes) {
      return fmt::format("{}{}", bytes >> bits, unit);
    }
  }
  return fmt::format("{}", bytes);
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "on") {
    return true;
  }
  if (word == "false" || word == "no" || word == "off") {
    return false;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped_at, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || stopped_at != end) {
    return std::nullopt;
  }
  return number;
}

std::optional<double> parse_decimal(std::string_view text) {
  const auto allowed = [](char c) { return is_digit(c) || c == '.'; };
  double number = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped_at, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || stopped_at != end || !std::ranges::all_of(text, allowed)) {
    return std::nullopt;
  }
  return number;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  constexpr std::array<Unit, 5> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  const std::optional<std::uint64_t> ms = parse_with_unit(text, kUnits);
  if (!ms || *ms > static_cast<std::uint64_t>(Milliseconds::max().count())) {
    return std::nullopt;
  }
  return Milliseconds(static_cast<Milliseconds::rep>(*ms));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::array<Unit, 5> kUnits = {
      {{"", 1}, {"B", 1}, {"KiB", 1U << 10U}, {"MiB", 1U << 20U}, {"GiB", 1U << 30U}}};
  return parse_with_unit(text, kUnits);
}

std::optional<TlsVersion> parse_tls_version(std::string_view text) {
  const std::string word = lower(text);
  std::string_view number = word;
  for (const std::string_view prefix : {"tlsv", "tls"}) {
    if (number.starts_with(prefix)) {
      number.remove_prefix(prefix.size());
      break;
    }
  }
  constexpr std::array<std::pair<std::string_view, TlsVersion>, 4> kVersions = {
      {{"1.0", TlsVersion::tls1_0},
       {"1.1", TlsVersion::tls1_1},
       {"1.2", TlsVersion::tls1_2},
       {"1.3", TlsVersion::tls1_3}}};
  for (const auto& [name, version] : kVersions) {
    if (number == name) {
      return version;
    }
  }
  return std::nullopt;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> port = parse_number(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const auto address = canonical_address(std::string(host), bracketed ? AF_INET6 : AF_INET);
  if (!address || !port || *port > 65535) {
    return std::nullopt;
  }
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool is_v4 = address.find(':') == std::string::npos;
  const unsigned bits = is_v4 ? 32 : 128;
  Network out;
  out.address = is_v4 ? kMappedV4 : Address{};
  if (inet_pton(is_v4 ? AF_INET : AF_INET6, address.c_str(),
                out.address.data() + (is_v4 ? 12 : 0)) != 1) {
    return std::nullopt;
  }
  if (slash != std::string_view::npos) {
    const auto prefix = parse_number(text.substr(slash + 1));
    if (!prefix || *prefix > bits) {
      return std::nullopt;
    }
    out.prefix = 128 - bits + static_cast<unsigned>(*prefix);
  }
  return out;
}

std::optional<std::uint64_t> parse_tls_number(std::string_view text) {
  std::optional<std::uint64_t> number;
  if (lower(text).starts_with("0x")) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data() + 2, end, value, 16);
    if (error == std::errc{} && stopped_at == end) {
      number = value;
    }
  } else {
    number = parse_number(text);
  }
  return number && *number <= 0xffff ? number : std::nullopt;
}

std::optional<HostAndPort> parse_host_and_port(std::string_view text, std::uint16_t usual_port) {
  HostAndPort out{{}, usual_port};
  const std::size_t colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos;
  if (has_port) {
    const auto port = parse_number(text.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) {
      return std::nullopt;
    }
    out.port = static_cast<std::uint16_t>(*port);
    text = text.substr(0, colon);
  }
  const bool bracketed = text.size() > 2 && text.starts_with('[') && text.ends_with(']');
  out.host = lower(bracketed ? text.substr(1, text.size() - 2) : text);
  if (bracketed ? !is_ipv6_address(out.host) : !is_host(out.host)) {
    return std::nullopt;
  }
  return out;
}

bool is_host(std::string_view text) {
  const auto in_label = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  const std::string whole(text);
  if (text.empty() || text.size() > 253) {
    return false;
  }
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (label.empty() || label.size() > 63 || !std::ranges::all_of(label, in_label)) {
      return false;
    }
    if (label.size() == text.size()) {  // no name ends in a number, but an address does
      return !std::ranges::all_of(label, is_digit) || canonical_address(whole, AF_INET);
    }
    text.remove_prefix(label.size() + 1);
  }
}

bool is_ipv6_address(std::string_view text) {
  return canonical_address(std::string(text), AF_INET6).has_value();
}

}  // namespace chainmend::config
