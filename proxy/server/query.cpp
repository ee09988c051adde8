#include "proxy/server/query.h"

#include <algorithm>

#include "proxy/http/characters.h"

namespace chainmend::server {

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hex = text[i] == '%' && i + 2 < text.size() && http::hex_value(text[i + 1]) >= 0 &&
                     http::hex_value(text[i + 2]) >= 0;
    if (hex) {
      out += static_cast<char>(http::hex_value(text[i + 1]) * 16 + http::hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  query.remove_prefix(query.starts_with('?') ? 1 : 0);
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (!pair.starts_with(name) || pair.size() == name.size() || pair[name.size()] != '=') {
      continue;
    }
    return unescaped(pair.substr(name.size() + 1));
  }
  return std::nullopt;
}

}  // namespace chainmend::server
