// What the lists and the tables of PowerShell have in common: properties of certificates by name,
// which PowerShell does not translate, and values that it wraps and cuts off.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "proxy/diagnose/lint/listed.h"

namespace chainmend::diagnose {

// The properties that are read, by the names of .NET and of the provider of Cert:.
enum class Property : std::uint8_t {
  subject,
  issuer,
  serial_number,
  thumbprint,
  not_before,
  not_after,
  has_private_key,
  friendly_name,
  path,
  parent_path,
  child_name,
  raw_data,
};
inline constexpr enums::Names<Property> kPropertyNames{
    "Subject",       "Issuer",       "SerialNumber", "Thumbprint",   "NotBefore",   "NotAfter",
    "HasPrivateKey", "FriendlyName", "PSPath",       "PSParentPath", "PSChildName", "RawData"};

// In any case, as Select-Object keeps what was typed.
std::optional<Property> property_named(std::string_view name);

// A value that goes over lines, put together again. width: of the lines, in characters.
class WrappedValue {
 public:
  explicit WrappedValue(std::string_view first_part = {}) : text_(first_part) {}
  // is_full: the part before it filled its line, so that a word goes on here.
  void add(std::string_view part, bool is_full);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// "Root" of "...Certificate::LocalMachine\Root"; empty: no such path in the text.
std::string store_in(std::string_view text);

// The properties of one certificate, as they come.
class PropertySet {
 public:
  explicit PropertySet(std::size_t line, std::string store = {});

  bool has(Property property) const { return seen_[property]; }
  void set(Property property, const std::string& value);
  // Into listing, when this is a certificate at all.
  void finish(Listing& listing);

 private:
  void set_text(ListedField field, const std::string& value, bool is_cut);

  enums::Array<bool, Property> seen_{};
  Listed listed_;
  std::string child_name_;
  certs::Bytes raw_data_;
};

}  // namespace chainmend::diagnose
