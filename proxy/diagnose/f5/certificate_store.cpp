#include "proxy/diagnose/f5/certificate_store.h"

#include <algorithm>
#include <utility>

#include "proxy/diagnose/f5/configuration.h"

namespace chainmend::diagnose::f5 {

namespace {

// Without the number and the revision that the file store puts behind a name.
std::string_view without_revision(std::string_view name) {
  for (int i = 0; i < 2; ++i) {
    const auto bar = name.rfind('_');
    if (bar == std::string_view::npos ||
        name.find_first_not_of("0123456789", bar + 1) != std::string_view::npos) {
      return name;
    }
    name = name.substr(0, bar);
  }
  return name;
}

std::string object_name(std::string_view path) {
  std::string_view base = path.substr(path.rfind('/') + 1);
  if (!base.starts_with(':')) {
    return full_name(base);
  }
  std::string name(without_revision(base));
  std::ranges::replace(name, ':', '/');
  return name;
}

}  // namespace

CertificateStore::CertificateStore(const Sources& sources) {
  for (const auto& [path, bytes] : sources.stored) {
    add_file(path, bytes);
  }
}

void CertificateStore::add_file(const std::string& path, certs::Bytes bytes) {
  put(object_name(path), std::move(bytes));
}

void CertificateStore::put(std::string_view object, certs::Bytes bytes) {
  const std::string_view text = certs::as_text(bytes);
  const bool has_key = text.find("PRIVATE KEY-----") != std::string_view::npos;
  const bool has_certificate = text.find("BEGIN CERTIFICATE") != std::string_view::npos;
  if (has_key) {
    keys_[full_name(object)] = bytes;
  }
  if (!has_key || has_certificate) {
    certificates_[full_name(object)] = std::move(bytes);
  }
}

const certs::Bytes* CertificateStore::find(const Named& in, std::string_view name) {
  const auto found = in.find(full_name(name));
  return found == in.end() ? nullptr : &found->second;
}

}  // namespace chainmend::diagnose::f5
