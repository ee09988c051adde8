// Html: writes HTML that is safe by construction. Names of elements and attributes are literals of
// ours, looked at when this is compiled: none of them can hold a script, a style or a URL. Whatever
// else is written is text or the value of an attribute, and escaped; characters that cannot be
// seen or that turn the direction of text, and bytes that are no UTF-8, become \xNN
// (logs::visible).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chainmend::server {

// HTML that an Html has written; nobody else can make one that says anything.
class Markup {
 public:
  Markup() = default;
  const std::string& str() const { return text_; }
  bool operator==(const Markup&) const = default;

 private:
  friend class Html;
  explicit Markup(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

class Html {
 public:
  // Of an element or an attribute.
  class Name {
   public:
    // NOLINTNEXTLINE(google-explicit-constructor): a literal is what a name is written as
    consteval Name(const char* literal) : text_(literal) {
      if (!is_harmless(text_)) {
        throw "this name can hold a script, a style or a URL, or is none";
      }
    }
    constexpr std::string_view text() const { return text_; }

   private:
    static consteval bool is_harmless(std::string_view name) {
      for (const std::string_view bad :
           {"script", "style", "iframe", "object", "embed", "base", "link", "meta", "href", "src",
            "srcdoc", "srcset", "action", "formaction", "xlink:href", "data", ""}) {
        if (name == bad) {
          return false;
        }
      }
      for (const char c : name) {
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-') {
          return false;
        }
      }
      return !name.starts_with("on");
    }

    std::string_view text_;
  };

  // Markup as it is: a literal of ours.
  class Fixed {
   public:
    consteval explicit Fixed(const char* literal) : text_(literal) {}
    constexpr std::string_view text() const { return text_; }

   private:
    std::string_view text_;
  };

  struct Attribute {
    Name name;
    std::string value = {};  // empty: the name alone says it
  };
  using Attributes = std::initializer_list<Attribute>;

  // Begins an element, which close() ends: the last one that was begun first.
  Html& open(Name element, Attributes attributes = {});
  Html& close();
  // An element without content: <input>, <path>.
  Html& lone(Name element, Attributes attributes = {});
  // An element that holds nothing but text.
  Html& element(Name element, std::string_view text, Attributes attributes = {});
  Html& text(std::string_view text);
  // A link to the element of this id on the same page.
  Html& link(std::string_view id, std::string_view text);
  Html& fixed(Fixed markup);
  // What another Html has written, whole.
  Html& part(const Markup& markup);

  // What was written; all elements must be closed.
  Markup take() { return Markup(std::move(out_)); }

 private:
  void begin(Name element, Attributes attributes);

  std::string out_;
  std::vector<Name> open_;
};

// An id, the same for the same words: letters and digits of them, and the rest as numbers.
std::string id_of(std::initializer_list<std::string_view> words);

}  // namespace chainmend::server
