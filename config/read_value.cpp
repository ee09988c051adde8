#include "config/read_value.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/quote.h"
#include "config/suggest.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

constexpr std::uint64_t kLargestSize = std::uint64_t{1} << 40U;  // that people would write
constexpr const char* kNamePattern = "^[a-z0-9_.-]{1,64}$";

// A scalar that `parse` understands.
template <typename T, typename Parse>
std::optional<T> parsed(const Cursor& at, const ScalarType& type, const Parse& parse) {
  const std::optional<std::string_view> text = at.scalar(type);
  if (!text) {
    return std::nullopt;
  }
  std::optional<T> value = parse(*text);
  if (!value) {
    at.expected(type.expected);
  }
  return value;
}

void read_bounded(const Cursor& at, std::size_t& out, std::optional<std::uint64_t> number,
                  std::uint64_t least, std::uint64_t most) {
  if (!number) {
    return;
  }
  if (*number < least || *number > most) {
    at.reject(fmt::format("must be from {} to {}", least, most));
    return;
  }
  out = *number;
}

}  // namespace

void read_value(const Cursor& at, bool& out) {
  const ScalarType type{.expected = "true or false",
                        .words = {"true", "false", "yes", "no", "on", "off"}};
  if (const auto value = parsed<bool>(at, type, parse_bool)) {
    out = *value;
  }
}

std::string write_value(const Cursor& /*at*/, bool value) { return value ? "true" : "false"; }

void read_value(const Cursor& at, std::size_t& out, const Count& bounds) {
  const ScalarType type{.expected = "a number",
                        .numbers = Range{bounds.least, bounds.most},
                        .range = fmt::format("{} to {}", bounds.least, bounds.most)};
  read_bounded(at, out, parsed<std::uint64_t>(at, type, parse_number), bounds.least, bounds.most);
}

std::string write_value(const Cursor& /*at*/, std::size_t value, const Count& /*bounds*/) {
  return std::to_string(value);
}

void read_value(const Cursor& at, std::size_t& out, const Bytes& bounds) {
  const ScalarType type{
      .expected = "a size such as 1000, 64KiB or 2GiB",
      .pattern = "^[0-9]+(B|KiB|MiB|GiB)?$",
      .numbers = Range{bounds.least, bounds.most},
      .range = bounds.most > kLargestSize
                   ? ""
                   : fmt::format("{} to {}", size_text(bounds.least), size_text(bounds.most))};
  read_bounded(at, out, parsed<std::uint64_t>(at, type, parse_size), bounds.least, bounds.most);
}

std::string write_value(const Cursor& /*at*/, std::size_t value, const Bytes& /*bounds*/) {
  return size_text(value);
}

void read_value(const Cursor& at, Milliseconds& out, const Milliseconds& least) {
  constexpr Milliseconds kYear = std::chrono::hours(24 * 365);
  const ScalarType type{.expected = "a duration such as 500ms, 10s, 65m or 1h",
                        .pattern = "^[0-9]+(ms|s|m|h|d)$",
                        .range = least.count() == 0 ? "0s to 365d" : ""};
  const auto value = parsed<Milliseconds>(at, type, parse_duration);
  if (!value) {
    return;
  }
  if (*value < least) {
    at.reject("must be more than 0");
  } else if (*value > kYear) {
    at.reject("must be at most 365d");
  } else {
    out = *value;
  }
}

std::string write_value(const Cursor& /*at*/, Milliseconds value, const Milliseconds& /*least*/) {
  return duration_text(value);
}

void read_value(const Cursor& at, Path& out) {
  const auto text = at.scalar("a file name");
  if (!text) {
    return;
  }
  if (text->empty()) {
    at.reject("the file name is empty");
  } else if (text->find("-----") != std::string_view::npos && text->find('\n') != text->npos) {
    at.reject("expected a file name, found several lines");  // a pasted key: nothing to repeat
  } else if (text->find('\n') != text->npos) {
    at.reject("the file name " + quote(*text) +
              R"( holds a line end: in double quotes \n is one; write paths in single quotes)");
  } else {
    out = (at.reader().folder / *text).lexically_normal();
  }
}

std::string write_value(const Cursor& /*at*/, const Path& value) { return value.string(); }

void read_value(const Cursor& at, Path& out, const InputFile& /*how*/) {
  read_value(at, out);
  if (!out.empty()) {
    at.reader().input_files.push_back({out, at.at()});
  }
}

void read_value(const Cursor& at, Endpoint& out) {
  const ScalarType type{
      .expected = "an address and port such as 0.0.0.0:443 or, in quotes, \"[::]:443\"",
      .pattern = "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]+$"};
  if (const auto value = parsed<Endpoint>(at, type, parse_endpoint)) {
    out = *value;
  }
}

std::string write_value(const Cursor& /*at*/, const Endpoint& value) { return value.text(); }

void read_value(const Cursor& at, TlsVersion& out) {
  const ScalarType type{.expected = "one of 1.0, 1.1, 1.2, 1.3",
                        .pattern = "^([Tt][Ll][Ss][Vv]?)1\\.[0-3]$",
                        .words = {"1.0", "1.1", "1.2", "1.3"}};
  if (const auto value = parsed<TlsVersion>(at, type, parse_tls_version)) {
    out = *value;
  }
}

std::optional<std::size_t> read_word(const Cursor& at, const std::vector<std::string_view>& words) {
  const ScalarType type{.expected = "one of " + join(words), .words = {words.begin(), words.end()}};
  const auto text = at.scalar(type);
  if (!text) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(words, *text);
  if (found == words.end()) {
    const auto meant = nearest(visible(*text), words);
    at.expected(type.expected, meant ? "; did you mean " + quote(*meant) + "?" : "");
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

void read_value(const Cursor& at, unsigned& out, const DhBits& /*how*/) {
  constexpr std::array<unsigned, 4> kBits = {1024, 2048, 3072, 4096};
  if (const auto index = read_word(at, {"1024", "2048", "3072", "4096"})) {
    out = kBits.at(*index);
  }
}

// The network that somebody meant who wrote an address that hardly any machine has, such as
// 10.20.0.0; empty: the address may well be meant.
std::string meant_network(const Network& one, const std::string& text) {
  Network meant = one;
  while (meant.is_ipv4() && meant.prefix > 96 && meant.address[(meant.prefix / 8) - 1] == 0) {
    meant.prefix -= 8;
  }
  const bool may_be_meant =
      text.find('/') != std::string::npos || meant == one || meant.is_everybody();
  return may_be_meant ? "" : meant.text();
}

void read_value(const Cursor& at, Network& out) {
  const ScalarType type{.expected = "an address or a network such as 10.20.0.0/16 or 2001:db8::/32",
                        .pattern = "^[0-9A-Fa-f:.]+(/[0-9]+)?$"};
  if (const auto value = parsed<Network>(at, type, parse_network)) {
    out = value->whole();
    if (const std::string meant = meant_network(*value, at.node().text); !meant.empty()) {
      at.warn(quote(at.node().text) + " is one address alone; write " + meant +
              " for the network, or " + out.text() + " for the address");
    }
    if (out != *value) {
      at.warn(quote(at.node().text) +
              " is no network: bits are set behind its prefix; it is taken for " + out.text() +
              "; write that, or /" + (value->is_ipv4() ? "32" : "128") + " for the one address");
    }
  }
}

void read_value(const Cursor& at, std::uint16_t& out, const TlsNumber& /*how*/) {
  const ScalarType type{.expected = "a number up to 65535 such as 0x002f or 47",
                        .pattern = "^(0[xX][0-9A-Fa-f]+|[0-9]+)$",
                        .numbers = Range{0, 65'535}};
  if (const auto value = parsed<std::uint64_t>(at, type, parse_tls_number)) {
    out = static_cast<std::uint16_t>(*value);
  }
}

void read_value(const Cursor& at, std::string& out, const Defines& how) {
  constexpr std::size_t kLongest = 64;
  const auto text = at.scalar({.expected = "a name", .pattern = kNamePattern});
  if (!text) {
    return;
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  };
  if (text->empty() || text->size() > kLongest || !std::ranges::all_of(*text, allowed)) {
    at.reject("the name " + quote(*text) + " must be 1 to 64 of a-z, 0-9, _, . and -");
  }
  out = *text;
  at.reader().names.define(how.kind, out, at.at());
}

void read_value(const Cursor& at, std::string& out, const RefersTo& how) {
  if (const auto text = at.scalar({.expected = "a name", .pattern = kNamePattern})) {
    out = *text;
    at.reader().names.refer(how.kind, out, at.at());
  }
}

std::string write_value(const Cursor& /*at*/, const std::string& value, const RefersTo& /*how*/) {
  return value;
}

void read_value(const Cursor& at, std::string& out, const OpensslName& /*how*/) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  const auto text = at.scalar({.expected = "a name", .pattern = "^[A-Za-z0-9_-]+$"});
  if (!text) {
    return;
  }
  if (text->empty() || !std::ranges::all_of(*text, allowed)) {
    const bool several = text->find_first_of(":, +!@") != std::string_view::npos;
    at.reject("expected one name of letters, digits, - and _ per item, found " + quote(*text) +
              (several ? "; write a list, as in [ECDHE-RSA-AES128-SHA, AES128-SHA]" : ""));
  }
  out = *text;
}

void read_value(const Cursor& at, std::string& out, const HostPattern& /*how*/) {
  constexpr std::string_view kExpected = "a host name or *.domain, without port";
  const auto text = at.scalar(kExpected);
  if (!text) {
    return;
  }
  out = lower(*text);
  const bool bracketed = out.size() > 2 && out.starts_with('[') && out.ends_with(']');
  const bool valid = bracketed ? is_ipv6_address(std::string_view(out).substr(1, out.size() - 2))
                               : is_host(out.starts_with("*.") ? out.substr(2) : out);
  if (!valid) {
    at.expected(kExpected);
  }
}

}  // namespace chainmend::config
