#include "proxy/server/page/parts.h"

#include "certs/time.h"
#include "config/values.h"

namespace chainmend::server {

Markup intro(const std::string& id, std::string_view text) {
  return Html().element("p", text, {{"id", id + "-intro"}}).take();
}

void mark(Html& html, Mark how, std::string_view word) {
  const char* kind = how == Mark::good      ? "mark good"
                     : how == Mark::warning ? "mark warning"
                     : how == Mark::bad     ? "mark bad"
                                            : "mark dim";
  html.element("span", word, {{"class", kind}});
}

std::string findable(std::initializer_list<std::string_view> words) {
  std::string all;
  for (const std::string_view word : words) {
    all.append(all.empty() ? "" : " ").append(config::lower(word));
  }
  return all;
}

std::string when(std::optional<std::chrono::sys_seconds> at) {
  if (!at) {
    return "never";
  }
  std::string text = certs::format_time(*at);  // 2026-11-27T15:04:05Z
  text[10] = ' ';
  text.back() = ' ';
  return text + "UTC";
}

}  // namespace chainmend::server
