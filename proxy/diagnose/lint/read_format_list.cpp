#include "proxy/diagnose/lint/read_format_list.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/lint/powershell_value.h"

namespace chainmend::diagnose {

namespace {

// "Subject      : CN=Root": the name, where the colon is, and the value.
struct PropertyLine {
  std::string_view name;
  std::size_t colon = 0;  // bytes in front of it
  std::string_view value;
};

std::optional<PropertyLine> property_line(std::string_view line) {
  const std::size_t indent = indent_of(line);
  std::size_t end = indent;
  while (end < line.size() &&
         ((line[end] >= 'a' && line[end] <= 'z') || (line[end] >= 'A' && line[end] <= 'Z'))) {
    ++end;
  }
  const std::size_t colon = line.find_first_not_of(' ', end);
  if (end == indent || colon == std::string_view::npos || line[colon] != ':' ||
      (colon + 1 < line.size() && line[colon + 1] != ' ')) {
    return std::nullopt;
  }
  return PropertyLine{line.substr(indent, end - indent), colon,
                      without_blanks(line.substr(colon + 1))};
}

class FormatListReading {
 public:
  explicit FormatListReading(std::string_view text) : lines_(lines_of(text)) {
    for (const std::string_view line : lines_) {
      widest_ = std::max(widest_, width_of(line));
    }
  }

  Listing read() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      read_line(lines_[at_]);
    }
    finish_certificate();
    return std::move(found_);
  }

 private:
  void read_line(std::string_view line) {
    if (without_blanks(line).empty()) {
      return finish_certificate();
    }
    const auto parsed = property_line(line);
    if (value_ && indent_of(line) >= colon_ + 2) {
      value_->add(without_blanks(line), is_full_);
    } else if (!parsed) {
      return finish_certificate();
    } else if (std::string store = store_in(line);
               !store.empty() && !property_named(parsed->name)) {
      finish_certificate();
      store_ = std::move(store);  // the head of a group: "Directory: ...Certificate::...\Root"
      return;
    } else {
      begin_property(*parsed);
    }
    is_full_ = width_of(line) == widest_;
  }

  void begin_property(const PropertyLine& line) {
    finish_property();
    const auto property = property_named(line.name);
    if (set_ && ((property && set_->has(*property)) || line.colon != colon_)) {
      finish_certificate();  // the blank line between two was lost
    }
    if (!set_) {
      set_.emplace(at_ + 1, store_);
    }
    colon_ = line.colon;
    property_ = property;
    value_.emplace(line.value);
  }

  void finish_property() {
    if (value_ && property_) {
      set_->set(*property_, value_->text());
    }
    value_.reset();
    property_.reset();
  }

  void finish_certificate() {
    finish_property();
    if (set_) {
      set_->finish(found_);
    }
    set_.reset();
  }

  std::vector<std::string_view> lines_;
  std::size_t widest_ = 0;  // of all lines: where PowerShell wrapped
  std::size_t at_ = 0;
  std::size_t colon_ = 0;
  bool is_full_ = false;  // the line before reached the last column
  std::string store_;
  std::optional<PropertySet> set_;
  std::optional<Property> property_;
  std::optional<WrappedValue> value_;
  Listing found_;
};

}  // namespace

Listing read_format_list(std::string_view text) {
  const bool may_be_one = text.find(": ") != std::string_view::npos;
  return may_be_one ? FormatListReading(text).read() : Listing();
}

}  // namespace chainmend::diagnose
