// The sections chain and trust_profiles, and trust wherever it stands.
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {
static void read_value(const Cursor& at, Aia& out) {
  MapReader map(at, "chain.aia");
  map.read({"mode", "cache-only: take what was fetched before"}, out.mode);
  map.read({"cache", "what was fetched, for the next start"}, out.cache);
  map.read({"timeout", "for one fetch in all"}, out.timeout);
  map.read({"max_size", "of one answer"}, out.max_size, Bytes{1024, 16'777'216});
  map.read(
      {"allow_private_addresses", "may such a URL lead to 10.0.0.0/8, 127.0.0.1 and their like"},
      out.allow_private_addresses);
}

void read_value(const Cursor& at, Trust& out) {
  out = {.system = false, .files = {}};
  const std::vector<Cursor> items = at.items();
  if (items.empty()) {
    at.reject("the list is empty");
  }
  for (const Cursor& item : items) {
    if (item.is("system")) {  // a file of that name is ./system
      out.system = true;
    } else {
      read_value(item, out.files.emplace_back(), InputFile{});
    }
  }
}

std::string write_value(const Cursor& /*at*/, const Trust& value) {
  return value.system && value.files.empty() ? "system" : "";
}

void read_value(const Cursor& at, std::vector<TrustProfile>& out) {
  for (const auto& [name_at, value] : at.entries("trust profiles by name")) {
    TrustProfile& profile = out.emplace_back();
    profile.at = name_at.at();
    read_value(name_at, profile.name, Defines{Names::Kind::trust_profile});
    MapReader map(value, "a trust profile");
    map.require({"roots", "system, or files, as in bundles, or both", "roots/lync/*.pem"},
                profile.roots);
  }
}

void read_value(const Cursor& at, Chain& out) {
  MapReader map(at, "chain");
  map.read({"bundles", "files, folders, patterns (\"ca/*.pem\"): PEM, DER, PKCS#7, any order"},
           out.bundles, MayBeEmpty{}, InputFile{});
  map.read({"trust",
            "roots that a chain may end in; or files, as in bundles; or both: [system, "
            "private.pem]"},
           out.trust);
  map.read({"aia", "issuers that a certificate names by URL"}, out.aia);
  map.read({"on_incomplete", "warn: serve the part that there is; fail: refuse the configuration"},
           out.on_incomplete);
}

}  // namespace chainmend::config
