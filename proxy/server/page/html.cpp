#include "proxy/server/page/html.h"

#include <fmt/format.h>

#include "proxy/logs/escape.h"

namespace chainmend::server {

namespace {

// Fit for text and for a value in double quotes.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : logs::visible(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace

void Html::begin(Name element, Attributes attributes) {
  out_.append("<").append(element.text());
  for (const Attribute& one : attributes) {
    out_.append(" ").append(one.name.text());
    if (!one.value.empty()) {
      out_ += "=\"";
      append_escaped(out_, one.value);
      out_ += '"';
    }
  }
  out_ += '>';
}

Html& Html::open(Name element, Attributes attributes) {
  begin(element, attributes);
  open_.push_back(element);
  return *this;
}

Html& Html::close() {
  out_.append("</").append(open_.back().text()).append(">");
  open_.pop_back();
  return *this;
}

Html& Html::lone(Name element, Attributes attributes) {
  begin(element, attributes);
  return *this;
}

Html& Html::element(Name element, std::string_view text, Attributes attributes) {
  open(element, attributes);
  append_escaped(out_, text);
  return close();
}

Html& Html::text(std::string_view text) {
  append_escaped(out_, text);
  return *this;
}

Html& Html::link(std::string_view id, std::string_view text) {
  out_ += "<a href=\"#";
  append_escaped(out_, id);
  out_ += "\">";
  append_escaped(out_, text);
  out_ += "</a>";
  return *this;
}

Html& Html::fixed(Fixed markup) {
  out_ += markup.text();
  return *this;
}

Html& Html::part(const Markup& markup) {
  out_ += markup.str();
  return *this;
}

std::string id_of(std::initializer_list<std::string_view> words) {
  std::string id;
  for (const std::string_view word : words) {
    id += id.empty() ? "" : "-";
    for (const char c : word) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      id += plain ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
  }
  return id;
}

}  // namespace chainmend::server
