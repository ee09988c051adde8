#include "proxy/diagnose/lint/powershell_value.h"

#include <algorithm>
#include <utility>

#include "proxy/diagnose/lint/listing_text.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kThumbprintDigits = 40;
constexpr std::size_t kMaxRawData = 512 * 1024;  // characters of "{48, 130, ...}"

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return lower(x) == lower(y);
  });
}

// Takes off the dots that stand for what was cut: three of them in Windows PowerShell, one
// character from version 6 on.
bool take_dots(std::string& text) {
  for (const std::string_view dots : {std::string_view("..."), std::string_view("\xE2\x80\xA6")}) {
    if (text.ends_with(dots)) {
      text.resize(text.size() - dots.size());
      return true;
    }
  }
  return false;
}

// The bytes of "{48, 130, 3, 76}"; empty when it is no such list, or not all of it.
certs::Bytes bytes_in(std::string_view text) {
  certs::Bytes bytes;
  if (!text.starts_with('{') || !text.ends_with('}')) {
    return bytes;
  }
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const std::string_view one = without_blanks(text.substr(0, comma));
    unsigned value = 0;
    for (const char c : one) {
      value =
          c >= '0' && c <= '9' ? std::min(value * 10 + static_cast<unsigned>(c - '0'), 256U) : 256U;
    }
    if (one.empty() || value > 255) {
      return {};
    }
    bytes.push_back(static_cast<std::uint8_t>(value));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return bytes;
}

}  // namespace

std::optional<Property> property_named(std::string_view name) {
  for (std::size_t i = 0; i < enums::count<Property>(); ++i) {
    const auto property = static_cast<Property>(i);
    if (equal_without_case(name, kPropertyNames[property])) {
      return property;
    }
  }
  return std::nullopt;
}

void WrappedValue::add(std::string_view part, bool is_full) {
  if (text_.size() + part.size() > kMaxRawData) {
    return;
  }
  if (!is_full && !text_.empty()) {
    text_ += ' ';
  }
  text_ += part;
}

std::string store_in(std::string_view text) {
  constexpr std::string_view kProvider = "Certificate::";
  const auto at = text.find(kProvider);
  if (at == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(at + kProvider.size());
  const auto begin = text.find('\\');
  if (begin == std::string_view::npos) {
    return {};
  }
  text.remove_prefix(begin + 1);
  text = text.substr(0, text.find('\\'));
  return std::string(without_blanks(text.substr(0, kMaxListedText)));
}

PropertySet::PropertySet(std::size_t line, std::string store) {
  listed_.line = line;
  listed_.store = std::move(store);
}

void PropertySet::set(Property property, const std::string& value) {
  seen_[property] = true;
  std::string text(without_blanks(value));
  if (property == Property::raw_data) {
    raw_data_ = bytes_in(text);
    return;
  }
  text.resize(std::min(text.size(), kMaxListedText));
  const bool is_cut = take_dots(text);
  switch (property) {
    case Property::subject:
      return set_text(ListedField::subject, text, is_cut);
    case Property::issuer:
      return set_text(ListedField::issuer, text, is_cut);
    case Property::serial_number:
      return set_text(ListedField::serial_number, text, is_cut);
    case Property::thumbprint:
      return set_text(ListedField::thumbprint, text, is_cut);
    case Property::not_before:
      return set_text(ListedField::not_before, text, is_cut);
    case Property::not_after:
      return set_text(ListedField::not_after, text, is_cut);
    case Property::has_private_key:
      return set_text(ListedField::has_private_key, text, is_cut);
    case Property::friendly_name:
      listed_.friendly_name = std::move(text);
      return;
    case Property::path:
    case Property::parent_path:
      if (std::string store = store_in(text); !store.empty() && !is_cut) {
        listed_.store = std::move(store);
      }
      return;
    case Property::child_name:
      child_name_ = is_cut ? "" : hex_digits(text);
      return;
    case Property::raw_data:
      return;
  }
}

void PropertySet::set_text(ListedField field, const std::string& value, bool is_cut) {
  if (is_cut) {
    listed_.cut.push_back(field);
  }
  switch (field) {
    case ListedField::subject:
      listed_.subject = value;
      return;
    case ListedField::issuer:
      listed_.issuer = value;
      return;
    default:
      break;
  }
  if (is_cut) {
    return;
  }
  switch (field) {
    case ListedField::serial_number:
      listed_.serial = hex_digits(value);
      return;
    case ListedField::thumbprint:
      listed_.thumbprint = hex_digits(value);
      return;
    case ListedField::not_before:
      listed_.not_before = find_date(value);
      return;
    case ListedField::not_after:
      listed_.not_after = find_date(value);
      return;
    case ListedField::has_private_key:
      if (equal_without_case(value, "True") || equal_without_case(value, "False")) {
        listed_.has_private_key = equal_without_case(value, "True");
      }
      return;
    default:
      return;
  }
}

void PropertySet::finish(Listing& listing) {
  if (!raw_data_.empty()) {
    if (auto certificate = certs::Certificate::from_der(raw_data_)) {
      listing.stored.push_back({.certificate = std::move(*certificate),
                                .line = listed_.line,
                                .store = std::move(listed_.store),
                                .friendly_name = std::move(listed_.friendly_name),
                                .has_key = listed_.has_private_key.value_or(false)});
      return;
    }
  }
  if (listed_.thumbprint.size() != kThumbprintDigits) {
    listed_.thumbprint = child_name_.size() == kThumbprintDigits ? child_name_ : "";
  }
  const bool names_both = has(Property::subject) && has(Property::issuer);
  const bool has_thumbprint =
      !listed_.thumbprint.empty() || listed_.is_cut(ListedField::thumbprint);
  if ((names_both || has_thumbprint) && listing.listed.size() < kMaxListed) {
    listing.listed.push_back(std::move(listed_));
  }
}

bool Listed::is_cut(ListedField field) const { return std::ranges::find(cut, field) != cut.end(); }

}  // namespace chainmend::diagnose
