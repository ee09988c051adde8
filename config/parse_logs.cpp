// The section logs.
#include <fmt/format.h>

#include "config/access_log.h"
#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/suggest.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

constexpr const char* kExpectedFormat =
    "json or a line such as \"{time} {client} {method} {path} {status}\"";

// A share of 0 to 1, written none, all or in percent.
struct Share {};

std::string all_fields() {
  std::string out;
  for (const char* const name : kAccessFieldNames) {
    out.append(out.empty() ? "" : ", ").append(name);
  }
  return out;
}

std::string unknown_field(std::string_view name) {
  const std::vector<std::string_view> names(kAccessFieldNames.begin(), kAccessFieldNames.end());
  const auto meant = nearest(visible(name), names);
  return "there is no field " + quote(name) +
         (meant ? "; did you mean " + quote(*meant) + "?" : "; there are " + all_fields());
}

}  // namespace

std::optional<std::vector<AccessPart>> parse_access_format(std::string_view text,
                                                           std::string& wrong) {
  std::vector<AccessPart> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool twice = i + 1 < text.size() && text[i + 1] == c;
    if ((c == '{' || c == '}') && twice) {
      parts.back().text += c;
      ++i;
    } else if (c == '{') {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos) {
        wrong = "a { is not closed";
        return std::nullopt;
      }
      const std::string_view name = text.substr(i + 1, end - i - 1);
      parts.back().field = kAccessFieldNames.find(name);
      if (!parts.back().field) {
        wrong = unknown_field(name);
        return std::nullopt;
      }
      parts.emplace_back();
      i = end;
    } else if (c == '}' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      wrong = c == '}' ? "a } stands alone; }} is the character" : "it is to be one line of text";
      return std::nullopt;
    } else {
      parts.back().text += c;
    }
  }
  if (parts.size() == 1) {
    wrong = "it names no field";
    return std::nullopt;
  }
  return parts;
}

static void read_value(const Cursor& at, double& out, const Share& /*how*/) {
  constexpr const char* kExpected = "none, all or a share such as 1%";
  const auto text =
      at.scalar({.expected = kExpected, .pattern = "^[0-9.]+%$", .words = {"none", "all"}});
  if (!text) {
    return;
  }
  const auto percent =
      text->ends_with('%') ? parse_decimal(text->substr(0, text->size() - 1)) : std::nullopt;
  if (*text == "none" || *text == "all") {
    out = *text == "all" ? 1 : 0;
  } else if (percent && *percent <= 100) {
    out = *percent / 100;
  } else {
    at.expected(kExpected);
  }
}

static std::string write_value(const Cursor& /*at*/, double value, const Share& /*how*/) {
  return value == 0 ? "none" : value == 1 ? "all" : fmt::format("{}%", value * 100);
}

static void read_value(const Cursor& at, std::vector<AccessPart>& out) {
  const auto text = at.scalar({.expected = kExpectedFormat});
  if (!text) {
    return;
  }
  out.clear();
  if (*text == "json") {
    return;
  }
  std::string wrong;
  if (auto parts = parse_access_format(*text, wrong)) {
    out = *std::move(parts);
  } else {
    at.expected(kExpectedFormat, "; " + wrong);
  }
}

static std::string write_value(const Cursor& /*at*/, const std::vector<AccessPart>& /*value*/) {
  return "json";  // the default
}

static void read_value(const Cursor& at, AccessLog& out) {
  MapReader map(at, "logs.access");
  map.read({"file", "a file gets one line per request"}, out.file, OrOff{});
  static const std::string kFormat = "json, or a line with fields in braces: " + all_fields();
  map.read({"format", kFormat}, out.format);
  map.read({"sample", "which of the answers below 500 get one; the others always do"}, out.sample,
           Share{});
  map.read({"client_types", "whose requests get one; []: everyone's"}, out.client_types,
           MayBeEmpty{}, RefersTo{Names::Kind::client_type});
  map.read({"query", "with the query of the target, in which some applications have passwords"},
           out.query);
}

static void read_value(const Cursor& at, HandshakeLog& out) {
  MapReader map(at, "logs.handshakes");
  map.read({"file", "a file gets one line of JSON per failed handshake"}, out.file, OrOff{});
  map.read({"successes", "which of the others get one, too; or a share of them such as 1%"},
           out.successes, Share{});
  map.read({"hellos", "with the client's hello, to be said again by `chainmend measure --hellos`"},
           out.hellos);
}

void read_value(const Cursor& at, Logs& out) {
  MapReader map(at, "logs");
  map.read({"level", "what is less than this is left out of the log"}, out.level);
  map.read({"handshakes", "a log of handshakes, for programs"}, out.handshakes);
  map.read({"access", "a log of requests"}, out.access);
}

}  // namespace chainmend::config
