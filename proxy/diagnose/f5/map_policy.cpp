// Of a client-ssl profile: versions and suites.
#include <algorithm>
#include <array>

#include "config/yaml_text.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> kVersions{
    {{"no-tlsv1", "1.0"}, {"no-tlsv1.1", "1.1"}, {"no-tlsv1.2", "1.2"}, {"no-tlsv1.3", "1.3"}}};

bool has(const Property& options, std::string_view word) {
  return std::ranges::find(options.list, word) != options.list.end();
}

// Names as OpenSSL has them, and nothing else: no "!", no groups, no @SPEED.
bool is_plain_list(std::string_view ciphers) {
  constexpr std::string_view kNameChars =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:";
  if (ciphers.find_first_not_of(kNameChars) != std::string_view::npos) {
    return false;
  }
  for (std::size_t from = 0; from <= ciphers.size();) {
    const std::size_t end = std::min(ciphers.find(':', from), ciphers.size());
    const std::string_view name = ciphers.substr(from, end - from);
    if (name.find('-') == std::string_view::npos || name.starts_with('-')) {
      return false;
    }
    from = end + 1;
  }
  return true;
}

const char* base_for(const std::vector<std::string>& versions) {
  return versions.empty() || versions.front() < "1.2" ? "legacy-tls10"
         : versions.front() == "1.2"                  ? "compatible-tls12"
                                                      : "modern";
}

void map_ciphers(Mapping& in, const Object& profile, Yaml& out) {
  const Property ciphers = in.config.property(profile, "ciphers");
  const Property group = in.config.property(profile, "cipher-group");
  const bool by_group = !group.value.empty() && group.value != "none";
  const char* const kBase = "has the suites of its base, as near as this OpenSSL comes";
  if (by_group) {
    in.ledger.say(group, Outcome::approximated, kBase);
    in.ledger.say(ciphers, Outcome::not_needed, "does not count beside cipher-group");
    out.note(2, origin(group, "cipher-group " + group.value) + ": " + kBase);
  } else if (ciphers.is_said() && is_plain_list(ciphers.value)) {
    std::string list;
    for (const char c : ciphers.value) {
      list += c == ':' ? std::string(", ") : std::string(1, c);
    }
    in.ledger.say(ciphers, Outcome::mapped, "tls_policies: ciphers");
    out.line(2, "ciphers: [" + list + "]", origin(ciphers, "ciphers"));
  } else {
    in.ledger.say(ciphers, Outcome::approximated, kBase);
    out.note(2, origin(ciphers, "ciphers " + ciphers.value) + ": " + kBase);
  }
}

}  // namespace

std::vector<std::string> versions_of(const Property& options, const Configuration& config) {
  constexpr int kFirstWithTls13 = 14;
  const bool has_tls13 = config.version() == 0 || config.version() >= kFirstWithTls13;
  std::vector<std::string> out;
  for (const auto& [flag, version] : kVersions) {
    if (!has(options, flag) && (has_tls13 || std::string_view(version) != "1.3")) {
      out.emplace_back(version);
    }
  }
  return out;
}

std::string map_policy(Mapping& in, const Object& profile) {
  in.ledger.reach(profile);
  const std::string what = "tls_policies " + profile.name;
  if (const auto known = in.names.find(what); known != in.names.end()) {
    return known->second;
  }
  const std::string name = new_name(in, "tls_policies", profile);
  in.names[what] = name;
  const Property options = in.config.property(profile, "options");
  const auto versions = versions_of(options, in.config);
  Yaml& out = in.policies;
  out.line(1, name + ":", origin(profile));
  out.line(2, std::string("base: ") + base_for(versions));
  if (!versions.empty()) {
    out.line(2, "min: " + versions.front(), origin(options, "options"));
    out.line(2, "max: " + versions.back(), origin(options, "options"));
  }
  out.line(2,
           std::string("empty_fragments: ") +
               (has(options, "dont-insert-empty-fragments") ? "false" : "true"),
           origin(options, "options"));
  map_ciphers(in, profile, out);
  in.ledger.say(options, Outcome::mapped,
                "versions " +
                    (versions.empty() ? "none" : versions.front() + " to " + versions.back()) +
                    " and empty fragments; SSL 3 and what else they say is not spoken at all");
  return name;
}

}  // namespace chainmend::diagnose::f5
