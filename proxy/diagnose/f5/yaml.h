// Yaml: lines of a configuration, each with a comment that says where it comes from.
#pragma once

#include <string>

namespace chainmend::diagnose::f5 {

class Yaml {
 public:
  // level: of indentation, two blanks each. text is YAML already; comment may hold anything.
  void line(int level, const std::string& text, const std::string& comment = "");
  // Comment lines of their own.
  void note(int level, const std::string& text);
  void add(const Yaml& other) { text_ += other.text_; }
  bool empty() const { return text_.empty(); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace chainmend::diagnose::f5
