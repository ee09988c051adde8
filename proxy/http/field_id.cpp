#include "proxy/http/field_id.h"

#include <algorithm>
#include <array>

#include "proxy/http/characters.h"
#include "proxy/http/field_line.h"

namespace chainmend::http {
namespace {

struct Known {
  std::string_view name;
  FieldId id;
};

// Sorted by length, so that a name is compared with the few of its own length only.
constexpr std::array kKnown = {
    Known{"te", FieldId::te},
    Known{"via", FieldId::via},
    Known{"date", FieldId::date},
    Known{"host", FieldId::host},
    Known{"expect", FieldId::expect},
    Known{"trailer", FieldId::trailer},
    Known{"upgrade", FieldId::upgrade},
    Known{"forwarded", FieldId::forwarded},
    Known{"connection", FieldId::connection},
    Known{"keep-alive", FieldId::keep_alive},
    Known{"max-forwards", FieldId::max_forwards},
    Known{"x-request-id", FieldId::x_request_id},
    Known{"authorization", FieldId::authorization},
    Known{"content-length", FieldId::content_length},
    Known{"persistent-auth", FieldId::persistent_auth},
    Known{"proxy-connection", FieldId::proxy_connection},
    Known{"www-authenticate", FieldId::www_authenticate},
    Known{"transfer-encoding", FieldId::transfer_encoding},
    Known{"proxy-authenticate", FieldId::proxy_authenticate},
    Known{"proxy-authorization", FieldId::proxy_authorization},
};
constexpr std::size_t kLongestKnown = kKnown.back().name.size();
static_assert(std::ranges::is_sorted(kKnown, {}, [](const Known& k) { return k.name.size(); }));

// First index in kKnown for each length; one more at the end.
constexpr auto kByLength = [] {
  std::array<std::uint8_t, kLongestKnown + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    first[length] = static_cast<std::uint8_t>(
        std::ranges::count_if(kKnown, [&](const Known& k) { return k.name.size() < length; }));
  }
  return first;
}();

constexpr std::array kClaims = {
    Known{"x-forwarded-for", FieldId::x_forwarded_for},
    Known{"x-forwarded-host", FieldId::x_forwarded_host},
    Known{"x-forwarded-port", FieldId::x_forwarded_port},
    Known{"x-forwarded-proto", FieldId::x_forwarded_proto},
    Known{"x-arr-clientcert", FieldId::client_claim},
    Known{"x-arr-ssl", FieldId::client_claim},
    Known{"x-real-ip", FieldId::client_claim},
};
constexpr std::array<std::string_view, 5> kClaimPrefixes = {
    "x-forwarded-", "client-cert", "x-client-cert", "x-ssl-", "ssl-client-"};

// A character of a field's name as it stands in a variable's.
constexpr char folded(char c) noexcept {
  const char letter = lower(c);
  const bool kept = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
  return kept ? letter : '-';
}

constexpr bool starts_with_claim(std::string_view name, std::string_view claim) {
  return name.size() >= claim.size() &&
         std::ranges::equal(name.substr(0, claim.size()), claim, {}, folded);
}

FieldId claim_id(std::string_view name) noexcept {
  const char first = name.empty() ? '\0' : lower(name.front());
  if (first != 'x' && first != 'c' && first != 's') {
    return FieldId::other;
  }
  for (const Known& claim : kClaims) {
    if (name.size() == claim.name.size() && starts_with_claim(name, claim.name)) {
      return claim.id;
    }
  }
  const bool claims = std::ranges::any_of(
      kClaimPrefixes, [&](std::string_view prefix) { return starts_with_claim(name, prefix); });
  return claims ? FieldId::client_claim : FieldId::other;
}

}  // namespace

FieldId field_id(std::string_view name) noexcept {
  if (name.size() <= kLongestKnown) {
    for (std::size_t i = kByLength[name.size()]; i < kByLength[name.size() + 1]; ++i) {
      if (same_name(name, kKnown[i].name)) {
        return kKnown[i].id;
      }
    }
  }
  return claim_id(name);
}

bool is_client_claim(FieldId id) noexcept {
  switch (id) {
    case FieldId::client_claim:
    case FieldId::forwarded:
    case FieldId::x_forwarded_for:
    case FieldId::x_forwarded_host:
    case FieldId::x_forwarded_port:
    case FieldId::x_forwarded_proto:
      return true;
    default:
      return false;
  }
}

bool allowed_in_trailers(std::string_view name) noexcept {
  // Names with an id of their own are all refused; so are these.
  constexpr std::string_view kRefused =
      "accept, accept-charset, accept-encoding, accept-language, age, "
      "authentication-info, cache-control, content-encoding, content-language, "
      "content-location, content-range, content-type, cookie, expires, from, if-match, "
      "if-modified-since, if-none-match, if-range, if-unmodified-since, location, "
      "origin, pragma, proxy-authentication-info, range, referer, retry-after, server, "
      "set-cookie, strict-transport-security, upgrade-insecure-requests, user-agent, "
      "vary, warning, x-http-method-override";
  return field_id(name) == FieldId::other && !list_has(kRefused, name);
}

bool same_variable(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, folded, folded);
}

bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace chainmend::http
