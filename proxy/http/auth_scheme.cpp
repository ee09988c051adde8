#include "proxy/http/auth_scheme.h"

#include <algorithm>
#include <array>
#include <span>

#include "proxy/http/field_line.h"

namespace chainmend::http {

namespace {

// Prefixes, so that NegotiateEx, Nego2 and NTLMv2-like names of other vendors are caught as well.
constexpr std::array<std::string_view, 4> kBoundSchemes = {"ntlm", "nego", "kerberos", "credssp"};

// True when an element of the list begins with one of these, in any case.
bool names_one_of(std::string_view value, std::span<const std::string_view> schemes) noexcept {
  ListReader list(value);
  for (std::string_view element; list.next(element);) {
    const bool found = std::ranges::any_of(schemes, [&](std::string_view scheme) {
      return same_name(element.substr(0, scheme.size()), scheme);
    });
    if (found) {
      return true;
    }
  }
  return false;
}

bool names_scheme_spoilt_by_via(std::string_view value) noexcept {
  constexpr std::array<std::string_view, 1> kOthers = {"digest"};
  return names_one_of(value, kBoundSchemes) || names_one_of(value, kOthers);
}

}  // namespace

bool has_connection_bound_scheme(std::string_view value) noexcept {
  return names_one_of(value, kBoundSchemes);
}

namespace {

bool is_credentials(const Field& field) noexcept {
  return field.id == FieldId::authorization || field.id == FieldId::proxy_authorization;
}

bool is_challenge(const Field& field) noexcept {
  return field.id == FieldId::www_authenticate || field.id == FieldId::proxy_authenticate;
}

bool is_for_one_request(std::string_view credentials) noexcept {
  constexpr std::array<std::string_view, 3> kSchemes = {"Basic", "Bearer", "Digest"};
  const std::string_view scheme = credentials.substr(0, credentials.find(' '));
  return std::ranges::any_of(kSchemes,
                             [&](std::string_view known) { return same_name(scheme, known); });
}

}  // namespace

bool is_connection_bound(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return is_credentials(field) && has_connection_bound_scheme(field.value);
  });
}

bool may_bind_connection(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return is_credentials(field) && !is_for_one_request(field.value);
  });
}

bool is_connection_bound(const ResponseHead& head) noexcept {
  return is_persistently_authenticated(head) ||
         std::ranges::any_of(head.fields, [](const Field& field) {
           return is_challenge(field) && has_connection_bound_scheme(field.value);
         });
}

bool is_spoilt_by_via(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return is_credentials(field) && names_scheme_spoilt_by_via(field.value);
  });
}

bool is_spoilt_by_via(const ResponseHead& head) noexcept {
  return is_persistently_authenticated(head) ||
         std::ranges::any_of(head.fields, [](const Field& field) {
           return is_challenge(field) && names_scheme_spoilt_by_via(field.value);
         });
}

bool is_persistently_authenticated(const ResponseHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return field.id == FieldId::persistent_auth && same_name(field.value, "true");
  });
}

}  // namespace chainmend::http
