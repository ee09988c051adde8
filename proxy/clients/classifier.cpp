#include "proxy/clients/classifier.h"

#include <algorithm>

namespace chainmend::clients {
namespace {

using config::ClientMatch;
using config::kNone;

// One that servers must ignore, or that is no offer: GREASE, and the signals of RFC 5746 and 7507.
bool is_offer(std::uint16_t suite) {
  return !is_grease(suite) && suite != 0x00ff && suite != 0x5600;
}

bool contains(const std::vector<std::uint16_t>& all, std::uint16_t one) {
  return std::ranges::find(all, one) != all.end();
}

bool only_suites(const ClientHello& hello, const std::vector<std::uint16_t>& allowed) {
  return allowed.empty() || std::ranges::all_of(hello.suites, [&](std::uint16_t suite) {
           return !is_offer(suite) || contains(allowed, suite);
         });
}

bool only_extensions(const ClientHello& hello,
                     const std::optional<std::vector<std::uint16_t>>& allowed) {
  return !allowed || std::ranges::all_of(hello.extensions, [&](std::uint16_t type) {
    return is_grease(type) || contains(*allowed, type);
  });
}

// Whether text is like pattern, in which each * stands for any characters or none. Goes back to
// the last * only, so it takes at most the product of the two lengths.
bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

// "*.contoso.com" stands for names one label longer, as in certificates.
bool is_named(std::string_view name, std::string_view wanted) {
  if (wanted == kNone && name.empty()) {
    return true;
  }
  if (!wanted.starts_with("*.")) {
    return name == wanted && !name.empty();
  }
  const std::size_t dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && name.substr(dot) == wanted.substr(1);
}

bool offers_protocol(const ClientHello& hello, std::string_view wanted) {
  return hello.alpn.empty() ? wanted == kNone
                            : std::ranges::find(hello.alpn, wanted) != hello.alpn.end();
}

std::uint16_t on_wire(config::TlsVersion version) {
  return static_cast<std::uint16_t>(kTls10 + static_cast<unsigned>(version));
}

// Empty: anything will do.
template <typename Items, typename Fits>
bool any(const Items& items, Fits fits) {
  return items.empty() || std::ranges::any_of(items, fits);
}

// ja3: of the caller's hello, where a rule asks for it.
bool fits(const ClientMatch& match, const Caller& caller, std::string_view ja3) {
  const ClientHello& hello = caller.hello;
  const auto format =
      match.hello_format == config::HelloFormat::sslv2 ? HelloFormat::sslv2 : HelloFormat::tls;
  return (!match.offers_at_most || hello.max_version() <= on_wire(*match.offers_at_most)) &&
         (!match.hello_format || hello.format == format) &&
         any(match.source, [&](const auto& one) { return one.contains(caller.address); }) &&
         any(match.listener, [&](const auto& one) { return one == caller.listener; }) &&
         any(match.sni, [&](const auto& one) { return is_named(hello.server_name, one); }) &&
         any(match.ja3, [&](const auto& one) { return one == ja3; }) &&
         any(match.ja4, [&](const auto& one) { return is_like(text_of(caller.ja4), one); }) &&
         any(match.alpn, [&](const auto& one) { return offers_protocol(hello, one); }) &&
         only_suites(hello, match.suites) && only_extensions(hello, match.extensions);
}

}  // namespace

bool fits(const ClientMatch& match, const Caller& caller) {
  const std::string print = match.ja3.empty() ? "" : ja3(caller.hello);
  return fits(match, caller, print);
}

Classifier::Classifier(const std::vector<config::ClientTypeRule>& rules) {
  for (const config::ClientTypeRule& rule : rules) {
    rules_.push_back({ClientType::named(rule.name), rule.match, rule.at.describe()});
    needs_ja3_ = needs_ja3_ || !rule.match.ja3.empty();
  }
}

std::optional<Classification> Classifier::by_operator(const Caller& caller) const {
  const std::string print = needs_ja3_ ? ja3(caller.hello) : "";
  for (const Rule& rule : rules_) {
    if (fits(rule.match, caller, print)) {
      return Classification{rule.type, Confidence::configured, rule.text};
    }
  }
  return std::nullopt;
}

Classification Classifier::admit(const Caller& caller) const {
  const auto configured = by_operator(caller);
  return configured ? *configured : classify_hello(caller.hello, caller.ja4);
}

Classification Classifier::name(const Caller& caller,
                                const std::optional<Classification>& learned) const {
  if (const auto configured = by_operator(caller)) {
    return *configured;
  }
  return learned ? *learned : classify_hello(caller.hello, caller.ja4);
}

}  // namespace chainmend::clients
