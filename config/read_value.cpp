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

template <typename T>
using Words = std::vector<std::pair<std::string_view, T>>;

// One of a fixed set of words.
template <typename T>
void read_word(const Cursor& at, T& out, const Words<T>& words) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : words) {
    if (at.node().kind == YamlNode::Kind::scalar && at.node().text == name) {
      out = value;
      return;
    }
    names.push_back(name);
  }
  const auto meant = nearest(visible(at.node().text), names);
  const std::string hint = meant ? "; did you mean " + quote(*meant) + "?" : "";
  at.expected("one of " + join(names), hint);
}

// The name of one of an enum's values.
template <typename Enum>
void read_name(const Cursor& at, Enum& out, const enums::Names<Enum>& names) {
  Words<Enum> words;
  for (std::size_t i = 0; i < enums::count<Enum>(); ++i) {
    const auto value = static_cast<Enum>(i);
    words.emplace_back(names[value], value);
  }
  read_word(at, out, words);
}

// A scalar that `parse` understands.
template <typename T, typename Parse>
std::optional<T> parsed(const Cursor& at, std::string_view what, const Parse& parse) {
  const std::optional<std::string_view> text = at.scalar(what);
  if (!text) {
    return std::nullopt;
  }
  std::optional<T> value = parse(*text);
  if (!value) {
    at.expected(what);
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
  if (const auto value = parsed<bool>(at, "true or false", parse_bool)) {
    out = *value;
  }
}

void read_value(const Cursor& at, std::size_t& out, const Count& bounds) {
  read_bounded(at, out, parsed<std::uint64_t>(at, "a number", parse_number), bounds.least,
               bounds.most);
}

void read_value(const Cursor& at, std::size_t& out, const Bytes& bounds) {
  read_bounded(at, out, parsed<std::uint64_t>(at, "a size such as 1000, 64KiB or 2GiB", parse_size),
               bounds.least, bounds.most);
}

void read_value(const Cursor& at, Milliseconds& out, const Milliseconds& least) {
  constexpr Milliseconds kYear = std::chrono::hours(24 * 365);
  const auto value =
      parsed<Milliseconds>(at, "a duration such as 500ms, 10s, 65m or 1h", parse_duration);
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

void read_value(const Cursor& at, Path& out, const InputFile& /*how*/) {
  read_value(at, out);
  if (!out.empty()) {
    at.reader().input_files.push_back({out, at.at()});
  }
}

void read_value(const Cursor& at, Endpoint& out) {
  const auto value = parsed<Endpoint>(
      at, "an address and port such as 0.0.0.0:443 or, in quotes, \"[::]:443\"", parse_endpoint);
  if (value) {
    out = *value;
  }
}

void read_value(const Cursor& at, TlsVersion& out) {
  if (const auto value = parsed<TlsVersion>(at, "one of 1.0, 1.1, 1.2, 1.3", parse_tls_version)) {
    out = *value;
  }
}

void read_value(const Cursor& at, unsigned& out, const DhBits& /*how*/) {
  read_word(at, out, {{"1024", 1024}, {"2048", 2048}, {"3072", 3072}, {"4096", 4096}});
}

void read_value(const Cursor& at, LogLevel& out) { read_name(at, out, kLogLevelNames); }

void read_value(const Cursor& at, AiaMode& out) { read_name(at, out, kAiaModeNames); }

void read_value(const Cursor& at, OnIncomplete& out) { read_name(at, out, kOnIncompleteNames); }

void read_value(const Cursor& at, Serve& out) { read_name(at, out, kServeNames); }

void read_value(const Cursor& at, Via& out) { read_name(at, out, kViaNames); }

void read_value(const Cursor& at, Weak& out) { read_name(at, out, kWeakNames); }

void read_value(const Cursor& at, Mode& out) { read_name(at, out, kModeNames); }

void read_value(const Cursor& at, ProxyProtocol& out) { read_name(at, out, kProxyProtocolNames); }

void read_value(const Cursor& at, HelloFormat& out) { read_name(at, out, kHelloFormatNames); }

void read_value(const Cursor& at, Network& out) {
  if (const auto value = parsed<Network>(
          at, "an address or a network such as 10.20.0.0/16 or 2001:db8::/32", parse_network)) {
    out = value->whole();
    if (out != *value) {
      at.warn(quote(at.node().text) +
              " is no network: bits are set behind its prefix; it is taken for " + out.text() +
              "; write that, or /" + (value->is_ipv4() ? "32" : "128") + " for the one address");
    }
  }
}

void read_value(const Cursor& at, std::uint16_t& out, const TlsNumber& /*how*/) {
  const auto value =
      parsed<std::uint64_t>(at, "a number up to 65535 such as 0x002f or 47", parse_tls_number);
  if (value) {
    out = static_cast<std::uint16_t>(*value);
  }
}

bool is_off(const Cursor& at) {
  return at.node().kind == YamlNode::Kind::scalar && parse_bool(at.node().text) == false;
}

void read_value(const Cursor& at, std::string& out, const Defines& how) {
  constexpr std::size_t kLongest = 64;
  const auto text = at.scalar("a name");
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
  if (const auto text = at.scalar("a name")) {
    out = *text;
    at.reader().names.refer(how.kind, out, at.at());
  }
}

void read_value(const Cursor& at, std::string& out, const OpensslName& /*how*/) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  const auto text = at.scalar("a name");
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

}  // namespace chainmend::config
