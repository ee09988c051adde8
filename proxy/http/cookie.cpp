#include "proxy/http/cookie.h"

#include <algorithm>

#include "proxy/http/field_id.h"

namespace chainmend::http {

std::string_view cookie_value(const RequestHead& request, std::string_view name) {
  for (const Field& field : request.fields) {
    if (!same_name(field.name, "Cookie")) {
      continue;
    }
    for (std::string_view rest = field.value; !rest.empty();) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.find_first_not_of(" \t"), pair.size()));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        pair.remove_prefix(name.size() + 1);
        return pair.substr(0, pair.find_last_not_of(" \t") + 1);
      }
    }
  }
  return {};
}

}  // namespace chainmend::http
