#include "proxy/diagnose/f5/certificate_list.h"

namespace chainmend::diagnose::f5 {

namespace {

void take(const Statement& part, CertificateEntry& out) {
  const std::string_view key = part.key();
  const std::string value = part.value();
  const std::string name = value == "none" ? std::string() : value;
  if (key == "cert") {
    out.cert = name;
  } else if (key == "key") {
    out.key = name;
  } else if (key == "chain") {
    out.chain = name;
    out.says_none = name.empty();
  } else if (key == "passphrase") {
    out.has_passphrase = !name.empty();
  } else {
    return;
  }
  out.parts.push_back(&part);
}

std::vector<CertificateEntry> entries_of(const Object& profile, const Statement& list) {
  std::vector<CertificateEntry> out;
  for (const Statement& one : list.body) {
    CertificateEntry entry;
    entry.name = one.key();
    entry.from = &profile;
    entry.at = &one;
    for (const Statement& part : one.body) {
      take(part, entry);
    }
    if (!entry.cert.empty()) {
      out.push_back(std::move(entry));
    }
  }
  return out;
}

}  // namespace

// A list of a profile's own counts before its cert, and both before what it inherits; a profile
// that says inherit-certkeychain has the list of its parent.
std::vector<CertificateEntry> certificates_of(const Configuration& config, const Object& profile) {
  for (const Object* one : config.line_of(profile)) {
    if (one->value("inherit-certkeychain") == "true") {
      continue;
    }
    if (const Statement* const list = one->statement.find("cert-key-chain")) {
      auto entries = entries_of(*one, *list);
      if (!entries.empty()) {
        return entries;
      }
    }
    const Statement* const cert = one->statement.find("cert");
    if (cert != nullptr && cert->value() != "none") {
      CertificateEntry entry;
      entry.from = one;
      entry.at = cert;
      for (const Statement& part : one->statement.body) {
        take(part, entry);
      }
      return {entry};
    }
  }
  CertificateEntry entry;
  entry.cert = config.property(profile, "cert").value;
  entry.key = config.property(profile, "key").value;
  return {entry};
}

}  // namespace chainmend::diagnose::f5
