// Of an upstream: health, how it is found out which of its servers are well.
#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

struct StatusRange {};
struct FieldText {};
struct UrlPath {};
struct HostField {};
struct MethodWord {};
struct FreeText {};

constexpr std::string_view kStatus = "a status such as 200, 2xx or 200-299";

std::optional<std::pair<unsigned, unsigned>> parse_status(std::string_view text) {
  const auto hundred = parse_number(text.substr(0, 1));
  if (text.size() == 3 && text.ends_with("xx") && hundred && *hundred >= 1 && *hundred <= 5) {
    const auto first = static_cast<unsigned>(*hundred) * 100;
    return std::pair(first, first + 99);
  }
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first < 100 || *last > 599 || *last < *first) {
    return std::nullopt;
  }
  return std::pair(static_cast<unsigned>(*first), static_cast<unsigned>(*last));
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

// Keys that have a meaning only for some types.
void check_keys(const MapReader& map, const Cursor& at, const Health& health) {
  const bool http = health.type == HealthType::http || health.type == HealthType::https;
  for (const std::string_view key : {"path", "host", "method"}) {
    if (!http && map.has(key)) {
      at.error(quote(key) + " is of the types http and https: leave it out, or set \"type\"");
    }
  }
  if (http && map.has("send")) {
    at.error(
        "\"send\" is of the types tcp and tls and does not go with \"path\": set \"type\", or "
        "leave "
        "it out");
  }
  const HealthExpectation& expect = health.expect;
  if (!http && (!expect.status.empty() || !expect.header_name.empty())) {
    at.error("of what tcp and tls answer, only \"body\" can be expected");
  }
  if (health.timeout > health.interval) {
    at.error("\"timeout\" is longer than \"interval\"");
  }
}

void read_preset(const Cursor& at, const MapReader& map, Health& out) {
  const auto name = at.scalar({.expected = "exchange", .words = {"exchange"}});
  if (name && name != "exchange") {
    at.expected("exchange");
  }
  for (const std::string_view key : {"type", "path", "method", "expect", "send"}) {
    if (map.has(key)) {
      at.error(quote(key) + " does not go with \"preset\"");
    }
  }
  for (std::size_t i = 0; i < enums::count<ExchangeDirectory>(); ++i) {
    out.directories.push_back(static_cast<ExchangeDirectory>(i));
  }
  out.expect.status = {{200, 200}};
}

}  // namespace

void read_value(const Cursor& at, std::size_t& out, const Percent& bounds) {
  const std::string expected =
      fmt::format("a percentage from {}% to {}%", bounds.least, bounds.most);
  const auto text = at.scalar({.expected = expected, .pattern = "^[0-9]+%$"});
  if (!text) {
    return;
  }
  const auto number =
      text->ends_with('%') ? parse_number(text->substr(0, text->size() - 1)) : std::nullopt;
  if (!number || *number < bounds.least || *number > bounds.most) {
    at.expected(expected);
    return;
  }
  out = *number;
}

std::string write_value(const Cursor& /*at*/, std::size_t value, const Percent& /*bounds*/) {
  return std::to_string(value) + "%";
}

static void read_value(const Cursor& at, std::pair<unsigned, unsigned>& out,
                       const StatusRange& /*how*/) {
  const auto text = at.scalar({.expected = std::string(kStatus),
                               .pattern = "^([1-5][0-9][0-9](-[1-5][0-9][0-9])?|[1-5]xx)$",
                               .numbers = Range{100, 599}});
  if (!text) {
    return;
  }
  if (const auto range = parse_status(*text)) {
    out = *range;
  } else {
    at.expected(kStatus);
  }
}

static void read_value(const Cursor& at, HealthExpectation& out, const FieldText& /*how*/) {
  constexpr std::string_view kExpected = "a field such as \"X-Health: ready\"";
  const auto text = at.scalar({.expected = std::string(kExpected), .pattern = "^[^:]+:.+$"});
  if (!text) {
    return;
  }
  const std::size_t colon = text->find(':');
  if (colon == 0 || colon == std::string_view::npos || !is_printable(text->substr(0, colon))) {
    at.expected(kExpected);
    return;
  }
  out.header_name = text->substr(0, colon);
  std::string_view value = text->substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  out.header_value = value;
}

static void read_value(const Cursor& at, std::string& out, const UrlPath& /*how*/) {
  const auto text = at.scalar({.expected = "a path such as /health", .pattern = "^/"});
  if (!text) {
    return;
  }
  if (!text->starts_with('/') || !is_printable(*text)) {
    at.expected("a path such as /health");
    return;
  }
  out = *text;
}

static std::string write_value(const Cursor& /*at*/, const std::string& value,
                               const UrlPath& /*how*/) {
  return value;
}

static void read_value(const Cursor& at, std::string& out, const HostField& /*how*/) {
  const auto text = at.scalar("a host name, with a port or without");
  if (!text) {
    return;
  }
  if (!parse_host_and_port(*text, 80)) {
    at.expected("a host name, with a port or without");
    return;
  }
  out = *text;
}

static void read_value(const Cursor& at, std::string& out, const MethodWord& /*how*/) {
  constexpr std::string_view kExpected = "a method such as GET or HEAD";
  const auto text = at.scalar({.expected = std::string(kExpected), .pattern = "^[A-Z]{1,16}$"});
  if (!text) {
    return;
  }
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text->empty() || text->size() > 16 || !std::ranges::all_of(*text, upper)) {
    at.expected(kExpected);
    return;
  }
  out = *text;
}

static std::string write_value(const Cursor& /*at*/, const std::string& value,
                               const MethodWord& /*how*/) {
  return value;
}

static void read_value(const Cursor& at, std::string& out, const FreeText& /*how*/) {
  constexpr std::size_t kLongest = 4096;
  const auto text = at.scalar("a text");
  if (text && text->size() > kLongest) {
    at.reject("must be at most 4096 bytes");
  } else if (text) {
    out = *text;
  }
}

static void read_value(const Cursor& at, HealthExpectation& out) {
  MapReader map(at, "expect");
  map.read({"status", "any of these; without it 200 to 399", "[200, 2xx]"}, out.status,
           StatusRange{});
  if (const auto header = map.take(
          {"header", "a field of the answer, and a part of what it says", "'X-Health: up'"})) {
    read_value(*header, out, FieldText{});
  }
  map.read({"body", "a part of the answer, in its first 64 KiB", "ready"}, out.body, FreeText{});
}

void read_value(const Cursor& at, Health& out) {
  MapReader map(at, "health");
  if (const auto preset =
          map.take({"preset",
                    "exchange: each of its directories has a healthcheck.htm; a server that "
                    "fails one is left out for that directory",
                    "exchange", "type"})) {
    read_preset(*preset, map, out);
  }
  map.read({"directories", "of the preset; without it all that it has", "[ews, owa]", "path"},
           out.directories);
  map.read({"type", "http: over TLS where the server is https://; https, tls: only such servers"},
           out.type);
  map.read({"path", "what is asked for"}, out.path, UrlPath{});
  map.read({"host", "for the field Host; without it the server's", "mail.contoso.com"}, out.host,
           HostField{});
  map.read({"method", "of the request"}, out.method, MethodWord{});
  map.read({"expect", "what the answer must be"}, out.expect);
  map.read({"send",
            "by tcp and tls, once they are connected; in double quotes \\r\\n is a line "
            "end",
            R"("PING\r\n")", "path"},
           out.send, FreeText{});
  map.read({"interval", "from one check to the next"}, out.interval, Milliseconds(100));
  map.read({"timeout", "of a whole check"}, out.timeout);
  map.read({"rise", "good checks in a row that bring a server back"}, out.rise, Count{1, 100});
  map.read({"fall", "bad checks in a row that take it out; the first check of all decides alone"},
           out.fall, Count{1, 100});
  map.read({"jitter", "by how much the interval varies, so that checks spread out"}, out.jitter,
           Percent{0, 50});
  if (map.has("directories") && !map.has("preset")) {
    at.error(
        "\"directories\" is of \"preset: exchange\" and does not go with \"path\": set \"preset\", "
        "or "
        "leave it out");
  }
  check_keys(map, at, out);
}

}  // namespace chainmend::config
