// The section certificates: each name has one leaf with its key, or a list of them.
#include <algorithm>
#include <string_view>

#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {
namespace {

// The name of an environment variable. Not repeated in messages: a password may stand there by
// mistake.
void read_variable(const Cursor& at, Located<std::string>& out) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const ScalarType type{.expected = "the name of an environment variable",
                        .pattern = "^[A-Za-z_][A-Za-z0-9_]*$"};
  if (at.describes(type) || at.node().kind == YamlNode::Kind::refused) {
    return;
  }
  const std::string& text = at.node().text;
  if (text.empty() || !std::ranges::all_of(text, allowed) || (text[0] >= '0' && text[0] <= '9')) {
    at.reject("expected " + type.expected);
    return;
  }
  out = {text, at.at()};
}

void check_files(const MapReader& map, const Cursor& at) {
  if (!map.is_map()) {
    return;
  }
  const bool pfx = map.has("pfx");
  if (pfx && (map.has("cert") || map.has("key"))) {
    at.error("\"pfx\" holds certificate and key; leave out \"cert\" and \"key\"");
  } else if (!pfx && map.has("key") && !map.has("cert")) {
    at.error("\"key\" needs \"cert\"");
  } else if (!pfx && !map.has("cert")) {
    at.error("a certificate needs \"pfx\", or \"cert\" and \"key\"");
  }
  if (map.has("password_file") && map.has("password_env")) {
    at.error("give \"password_file\" or \"password_env\", not both");
  }
}

// A subject, a common name or a fingerprint: whatever it is, it is compared with what there is.
void read_root_name(const Cursor& at, std::string& out) {
  const auto text = at.scalar("a subject, a common name or a SHA-256 fingerprint");
  if (text && text->empty()) {
    at.reject("the name is empty");
  } else if (text) {
    out = *text;
  }
}

void read_rules(MapReader& map, ChainRules& out) {
  map.read({"serve", "auto: the chain that chainmend builds; as-given: the file as it is"},
           out.serve);
  map.read({"send_root", "send the root as well"}, out.send_root);
  map.read({"weak", "intermediates with SHA-1 or a short key"}, out.weak);
  if (const auto root = map.take({"preferred_root",
                                  "where the chain ends if it can: subject, common name or SHA-256",
                                  "Contoso Root"})) {
    out.preferred_root.emplace().at = root->at();
    read_root_name(*root, out.preferred_root->value);
  }
}

void check_rules(const MapReader& map, const Cursor& at, const ChainRules& rules) {
  if (rules.serve == Serve::as_given && (map.has("send_root") || map.has("preferred_root"))) {
    at.error(
        "\"serve: as-given\" sends what the file holds; leave out \"send_root\" and "
        "\"preferred_root\"");
  }
}

std::vector<ChainVariant> read_chains(const Cursor& at, const ChainRules& inherited) {
  std::vector<ChainVariant> chains;
  for (const auto& [name_at, value] : at.entries("chains by name")) {
    ChainVariant& chain = chains.emplace_back();
    chain.at = name_at.at();
    chain.rules = inherited;
    read_value(name_at, chain.name, Defines{Names::Kind::chain});
    if (chain.name == kAutomaticChain) {
      name_at.error("the chain \"auto\" is the one that nobody named; choose another name");
    }
    MapReader map(value, "a chain");
    map.read({"trust_profile", "the roots that these clients have; without it chain.trust",
              "lync-phones"},
             chain.trust_profile, RefersTo{Names::Kind::trust_profile});
    read_rules(map, chain.rules);
    check_rules(map, value, chain.rules);
  }
  return chains;
}

Certificate read_leaf(const Cursor& at, const std::string& name) {
  Certificate out;
  out.name = name;
  out.at = at.at();
  MapReader map(at, "a certificate");
  map.read({"pfx", "PKCS#12, as Windows exports it", "mail.pfx"}, out.pfx, InputFile{});
  map.read(
      {"cert", "the leaf; PEM or DER, what else the file holds is put right", "mail.pem", "pfx"},
      out.cert, InputFile{});
  map.read({"key", "of `cert`; may be left out when its file holds the key too", "mail.key", "pfx"},
           out.key, InputFile{});
  map.read({"password_file", "holds the password of the key", "mail.pass"}, out.password_file,
           InputFile{});
  if (const auto alias = map.take(
          {"key_alias", "of a PFX with several keys the one of this friendly name", "Exchange"})) {
    const auto text = alias->scalar("the friendly name of a key");
    if (text && text->empty()) {
      alias->reject("the name is empty");
    } else if (text) {
      out.key_alias = {std::string(*text), alias->at()};
    }
    if (!map.has("pfx")) {
      alias->reject("has no use without \"pfx\": it chooses among the keys of one");
    }
  }
  if (const auto variable =
          map.take({"password_env", "the environment variable that holds the password",
                    "MAIL_PASSWORD", "password_file"})) {
    read_variable(*variable, out.password_env.emplace());
  }
  read_rules(map, out.rules);
  check_rules(map, at, out.rules);
  if (const auto chains =
          map.take({"chains",
                    "for the clients that a listener gives them to by name; what one leaves out "
                    "is as above",
                    "for-lync"})) {
    out.chains = read_chains(*chains, out.rules);
  }
  check_files(map, at);
  return out;
}

}  // namespace

void read_value(const Cursor& at, std::vector<Certificate>& out) {
  for (const auto& [name_at, value] : at.entries("certificates by name")) {
    std::string name;
    read_value(name_at, name, Defines{Names::Kind::certificate});
    const std::vector<Cursor> leaves = value.items();
    if (leaves.empty()) {
      value.reject("the list is empty");
    }
    for (const Cursor& leaf : leaves) {
      out.push_back(read_leaf(leaf, name));
    }
  }
}

}  // namespace chainmend::config
