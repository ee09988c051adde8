#include "proxy/http/cookie.h"

#include <algorithm>

#include "proxy/http/field_id.h"

namespace chainmend::http {

namespace {

// Takes the first cookie, "name=value", off the front of a Cookie field, without the space around.
std::string_view take_cookie(std::string_view& rest) {
  std::string_view cookie = rest.substr(0, rest.find(';'));
  rest.remove_prefix(std::min(rest.size(), cookie.size() + 1));
  cookie.remove_prefix(std::min(cookie.find_first_not_of(" \t"), cookie.size()));
  return cookie.substr(0, cookie.find_last_not_of(" \t") + 1);
}

bool is_named(std::string_view cookie, std::string_view name) {
  return cookie.size() > name.size() && cookie.starts_with(name) && cookie[name.size()] == '=';
}

}  // namespace

std::string_view cookie_value(const RequestHead& request, std::string_view name) {
  for (const Field& field : request.fields) {
    if (!same_name(field.name, "Cookie")) {
      continue;
    }
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::string_view cookie = take_cookie(rest);
      if (is_named(cookie, name)) {
        return cookie.substr(name.size() + 1);
      }
    }
  }
  return {};
}

bool has_cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    if (is_named(take_cookie(cookies), name)) {
      return true;
    }
  }
  return false;
}

bool append_other_cookies(std::string_view cookies, std::string_view name, std::string& out) {
  bool any = false;
  while (!cookies.empty()) {
    const std::string_view cookie = take_cookie(cookies);
    if (!cookie.empty() && !is_named(cookie, name)) {
      out.append(any ? "; " : "").append(cookie);
      any = true;
    }
  }
  return any;
}

}  // namespace chainmend::http
