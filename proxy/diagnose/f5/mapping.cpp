#include "proxy/diagnose/f5/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/values.h"

namespace chainmend::diagnose::f5 {

namespace {

// What names here consist of; anything else becomes "-".
std::string cleaned(std::string_view name) {
  std::string out;
  for (const char c : config::lower(name)) {
    const bool is_fine =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (is_fine || !out.ends_with('-')) {
      out += is_fine ? c : '-';
    }
  }
  const auto first = out.find_first_not_of("-.");
  return first == std::string::npos ? "f5" : out.substr(first, 60);
}

std::string numbered(std::set<std::string>& taken, const std::string& section,
                     const std::string& base, const std::string& ending) {
  std::string name = base + ending;
  for (int i = 2; !taken.insert(fmt::format("{} {}", section, name)).second; ++i) {
    name = fmt::format("{}-{}{}", base, i, ending);
  }
  return name;
}

}  // namespace

std::string new_name(Mapping& in, const std::string& section, const Object& of) {
  return numbered(in.taken_names, section, cleaned(of.short_name()), "");
}

std::string here(Mapping& in, const std::string& address) {
  const auto mapped = in.options.addresses.find(address);
  if (mapped == in.options.addresses.end()) {
    return address;
  }
  in.used_addresses.insert(address);
  return mapped->second;
}

std::string origin(const Object& object) {
  return object.kind + " " + object.name + ", " + object.place();
}

std::string origin(const Property& property, std::string_view key) {
  return property.is_said()
             ? std::string(key) + " of " + property.from->name + ", " + property.place()
             : std::string(key) + " is F5's default";
}

std::string file_for(Mapping& in, const std::string& object, bool is_key) {
  const std::string what = (is_key ? "key " : "certificate ") + full_name(object);
  if (const auto known = in.names.find(what); known != in.names.end()) {
    return known->second;
  }
  std::string base = full_name(object);
  base = cleaned(base.starts_with("/Common/") ? base.substr(8) : base.substr(1));
  std::string ending = is_key ? ".key" : ".crt";
  for (const char* has : {".crt", ".key", ".pem", ".cer"}) {
    if (base.ends_with(has)) {
      ending = has;
      base.erase(base.size() - ending.size());
      break;
    }
  }
  ImportedFile file;
  file.name = "certs/" + numbered(in.taken_names, "files", base, ending);
  file.object = full_name(object);
  file.is_secret = is_key;
  const certs::Bytes* const bytes = is_key ? in.store.key(object) : in.store.certificate(object);
  file.is_at_hand = bytes != nullptr;
  if (bytes != nullptr) {
    file.bytes = *bytes;
  }
  in.names[what] = file.name;
  in.files.push_back(file);
  return file.name;
}

}  // namespace chainmend::diagnose::f5
