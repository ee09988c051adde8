// The sections chain and trust_profiles, and trust wherever it stands.
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {
namespace {

bool is_system(const Cursor& at) {
  return at.node().kind == YamlNode::Kind::scalar && at.node().text == "system";
}

}  // namespace

static void read_value(const Cursor& at, Aia& out) {
  MapReader map(at, "chain.aia");
  map.read("mode", out.mode);
  map.read("cache", out.cache);
  map.read("timeout", out.timeout);
  map.read("max_size", out.max_size, Bytes{1024, 16'777'216});
  map.read("allow_private_addresses", out.allow_private_addresses);
}

void read_value(const Cursor& at, Trust& out) {
  out = {.system = false, .files = {}};
  const std::vector<Cursor> items = at.items();
  if (items.empty()) {
    at.reject("the list is empty");
  }
  for (const Cursor& item : items) {
    if (is_system(item)) {  // a file of that name is ./system
      out.system = true;
    } else {
      read_value(item, out.files.emplace_back(), InputFile{});
    }
  }
}

void read_value(const Cursor& at, std::vector<TrustProfile>& out) {
  for (const auto& [name_at, value] : at.entries("trust profiles by name")) {
    TrustProfile& profile = out.emplace_back();
    profile.at = name_at.at();
    read_value(name_at, profile.name, Defines{Names::Kind::trust_profile});
    MapReader map(value, "a trust profile");
    map.require("roots", profile.roots);
  }
}

void read_value(const Cursor& at, Chain& out) {
  MapReader map(at, "chain");
  map.read("bundles", out.bundles, MayBeEmpty{}, InputFile{});
  map.read("trust", out.trust);
  map.read("aia", out.aia);
  map.read("on_incomplete", out.on_incomplete);
}

}  // namespace chainmend::config
