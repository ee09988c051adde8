#include "proxy/server/query.h"

#include <algorithm>

#include "proxy/http/characters.h"

namespace chainmend::server {

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  query.remove_prefix(query.starts_with('?') ? 1 : 0);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (!pair.starts_with(name) || pair.size() == name.size() || pair[name.size()] != '=') {
      continue;
    }
    std::string value;
    for (std::size_t i = name.size() + 1; i < pair.size(); ++i) {
      const bool hex = pair[i] == '%' && i + 2 < pair.size() && http::hex_value(pair[i + 1]) >= 0 &&
                       http::hex_value(pair[i + 2]) >= 0;
      if (hex) {
        value.push_back(
            static_cast<char>(http::hex_value(pair[i + 1]) * 16 + http::hex_value(pair[i + 2])));
        i += 2;
      } else {
        value.push_back(pair[i] == '+' ? ' ' : pair[i]);
      }
    }
    return value;
  }
  return std::nullopt;
}

}  // namespace chainmend::server
