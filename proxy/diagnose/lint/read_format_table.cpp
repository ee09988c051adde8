#include "proxy/diagnose/lint/read_format_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/lint/powershell_value.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kThumbprintDigits = 40;

// Where a column is, in characters. Its values reach to the beginning of the next one.
struct Column {
  std::optional<Property> property;  // unset: one that is not read
  std::size_t begin = 0;
  std::size_t end = std::string_view::npos;
};

// Characters [begin, end) of a line.
std::string_view cell(std::string_view line, const Column& column) {
  std::size_t at = 0;
  std::size_t first = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) == 0x80) {
      continue;
    }
    if (at == column.begin) {
      first = i;
    }
    if (at++ == column.end) {
      return line.substr(first, i - first);
    }
  }
  return line.substr(first);
}

bool is_dashes(std::string_view line) {
  line = without_blanks(line);
  return !line.empty() && line.front() == '-' &&
         line.find_first_not_of("- \t") == std::string_view::npos;
}

// By the dashes: head and values stand above and below them.
std::vector<Column> columns_of(std::string_view head, std::string_view dashes) {
  std::vector<Column> columns;
  for (std::size_t at = dashes.find('-'); at != std::string_view::npos;) {
    std::size_t end = dashes.find_first_not_of('-', at);
    end = std::min(end, dashes.size());
    const std::size_t next = dashes.find('-', end);
    Column column{.property = {}, .begin = at, .end = next};
    column.property = property_named(without_blanks(cell(head, column)));
    columns.push_back(column);
    at = next;
  }
  return columns;
}

class FormatTableReading {
 public:
  explicit FormatTableReading(std::string_view text) : lines_(lines_of(text)) {}

  Listing read() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      const std::string_view line = lines_[at_];
      if (at_ > 0 && is_dashes(line)) {
        begin_table(lines_[at_ - 1], line);
      } else if (std::string store = store_in(line); !store.empty() && columns_.empty()) {
        store_ = std::move(store);
      } else if (!columns_.empty()) {
        read_row(line);
      }
    }
    finish_row();
    return std::move(found_);
  }

 private:
  void begin_table(std::string_view head, std::string_view dashes) {
    finish_row();
    columns_ = columns_of(head, dashes);
    const auto has = [this](Property property) {
      return std::ranges::any_of(
          columns_, [property](const Column& one) { return one.property == property; });
    };
    if (!has(Property::thumbprint) && !(has(Property::subject) && has(Property::issuer))) {
      columns_.clear();  // of something else
    }
  }

  void read_row(std::string_view line) {
    if (without_blanks(line).empty()) {
      return finish_row();
    }
    std::string store = store_in(line);
    if (!store.empty() && (thumbprints() == nullptr || !begins_row(line))) {
      finish_row();
      store_ = std::move(store);  // the next table of a group; its head follows
      columns_.clear();
      return;
    }
    const bool goes_on = !row_.empty() && continues_row(line);
    if (!goes_on) {
      finish_row();
      if (!begins_row(line)) {
        columns_.clear();
        return;
      }
      row_line_ = at_ + 1;
      row_.resize(columns_.size());
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string_view text = without_blanks(cell(line, columns_[i]));
      if (!text.empty()) {
        row_[i].value.add(text, row_[i].is_full);
        row_[i].is_full = is_full(cell(line, columns_[i]), columns_[i]);
      }
    }
  }

  // The blank between two columns is the only one.
  static bool is_full(std::string_view text, const Column& column) {
    return column.end != std::string_view::npos &&
           width_of(without_blanks(text)) + 1 >= column.end - column.begin;
  }

  const Column* thumbprints() const {
    const auto found = std::ranges::find_if(
        columns_, [](const Column& one) { return one.property == Property::thumbprint; });
    return found == columns_.end() ? nullptr : &*found;
  }

  // With -Wrap a row goes on where the thumbprint does, or has nothing in its column.
  bool continues_row(std::string_view line) const {
    const Column* const column = thumbprints();
    if (column == nullptr) {
      return without_blanks(cell(line, columns_.front())).empty();
    }
    const std::string_view text = without_blanks(cell(line, *column));
    const auto at = static_cast<std::size_t>(column - columns_.data());
    const std::size_t digits = hex_digits(row_[at].value.text()).size();
    return text.empty() || (digits > 0 && digits < kThumbprintDigits && row_[at].is_full &&
                            digits + hex_digits(text).size() == kThumbprintDigits);
  }

  bool begins_row(std::string_view line) const {
    const Column* const column = thumbprints();
    if (column == nullptr) {
      return true;
    }
    const std::string_view text = without_blanks(cell(line, *column));
    std::size_t digits = 0;
    while (digits < text.size() && is_hex_digit(text[digits])) {
      ++digits;
    }
    return digits > 0 && (digits == text.size() || text.substr(digits) == "..." ||
                          text.substr(digits) == "\xE2\x80\xA6");
  }

  void finish_row() {
    if (!row_.empty()) {
      PropertySet set(row_line_, store_);
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].property) {
          set.set(*columns_[i].property, row_[i].value.text());
        }
      }
      set.finish(found_);
      row_.clear();
    }
  }

  struct Cell {
    WrappedValue value;
    bool is_full = false;
  };

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string store_;
  std::vector<Column> columns_;
  std::vector<Cell> row_;
  std::size_t row_line_ = 0;
  Listing found_;
};

}  // namespace

Listing read_format_table(std::string_view text) {
  const bool may_be_one = text.find("------") != std::string_view::npos;  // below "Issuer"
  return may_be_one ? FormatTableReading(text).read() : Listing();
}

}  // namespace chainmend::diagnose
