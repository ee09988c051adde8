#include "proxy/http/auth_scheme.h"

#include <algorithm>
#include <array>

#include "proxy/http/field_line.h"

namespace chainmend::http {

bool has_connection_bound_scheme(std::string_view value) noexcept {
  // Prefixes, so that NegotiateEx, Nego2 and NTLMv2-like names of other vendors are caught as well.
  constexpr std::array<std::string_view, 4> kSchemes = {"ntlm", "nego", "kerberos", "credssp"};
  ListReader list(value);
  for (std::string_view element; list.next(element);) {
    const bool bound = std::ranges::any_of(kSchemes, [&](std::string_view scheme) {
      return same_name(element.substr(0, scheme.size()), scheme);
    });
    if (bound) {
      return true;
    }
  }
  return false;
}

bool is_connection_bound(const RequestHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return (field.id == FieldId::authorization || field.id == FieldId::proxy_authorization) &&
           has_connection_bound_scheme(field.value);
  });
}

bool is_connection_bound(const ResponseHead& head) noexcept {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    switch (field.id) {
      case FieldId::www_authenticate:
      case FieldId::proxy_authenticate:
        return has_connection_bound_scheme(field.value);
      case FieldId::persistent_auth:
        return same_name(field.value, "true");
      default:
        return false;
    }
  });
}

}  // namespace chainmend::http
