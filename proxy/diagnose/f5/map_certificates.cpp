// Of a client-ssl profile: its certificates.
#include <algorithm>

#include "config/yaml_text.h"
#include "proxy/diagnose/f5/certificate_list.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

// The list as the BIG-IP sends it: leaf, then the chain's file as it is.
std::string as_is_file(Mapping& in, const CertificateEntry& entry) {
  std::string leaf = file_for(in, entry.cert, false);
  const certs::Bytes* const leaf_bytes = in.store.certificate(entry.cert);
  const certs::Bytes* const chain =
      entry.chain.empty() ? nullptr : in.store.certificate(entry.chain);
  if (entry.chain.empty()) {
    return leaf;
  }
  ImportedFile file;
  file.name = leaf + "-as-is.pem";
  file.object = entry.cert + " with " + entry.chain;
  file.is_at_hand = leaf_bytes != nullptr && chain != nullptr;
  if (file.is_at_hand) {
    file.bytes = *leaf_bytes;
    file.bytes.push_back('\n');
    file.bytes.insert(file.bytes.end(), chain->begin(), chain->end());
  }
  if (std::ranges::none_of(in.files,
                           [&](const ImportedFile& one) { return one.name == file.name; })) {
    in.files.push_back(file);
  }
  return file.name;
}

void say_parts(Mapping& in, const CertificateEntry& entry) {
  for (const Statement* part : entry.parts) {
    const std::string_view key = part->key();
    if (key == "passphrase") {
      in.ledger.say(*entry.from, *part, Outcome::not_mapped,
                    "is not read: write it to a file of its own, and name that by password_file");
    } else if (key != "chain") {
      in.ledger.say(*entry.from, *part, Outcome::mapped, "certificates");
    } else if (in.options.as_is) {
      in.ledger.say(*entry.from, *part, Outcome::mapped, "the list is served as it is");
    } else {
      in.ledger.say(*entry.from, *part, Outcome::mapped,
                    entry.chain.empty() ? "chainmend builds the chain that this leaves out"
                                        : "is one of chain.bundles, from which the chain is built");
    }
  }
}

void write_entry(Mapping& in, const CertificateEntry& entry, int level, const std::string& dash) {
  const std::string where = entry.from == nullptr
                                ? "F5's default.crt"
                                : entry.from->name + ", " + entry.from->place_of(*entry.at);
  const std::string indent = dash.empty() ? "" : "  ";
  Yaml& out = in.certificates;
  if (in.options.as_is) {
    out.line(level, dash + "cert: " + config::scalar(as_is_file(in, entry)),
             where + (entry.chain.empty() ? "; the leaf alone, as the BIG-IP sends it"
                                          : "; as the BIG-IP sends it"));
    out.line(level, indent + "serve: as-given");
  } else {
    out.line(level, dash + "cert: " + config::scalar(file_for(in, entry.cert, false)),
             where + (entry.chain.empty() ? "; the BIG-IP sends no chain with it" : ""));
    if (!entry.chain.empty()) {
      const std::string file = file_for(in, entry.chain, false);
      if (std::ranges::find(in.bundles, file) == in.bundles.end()) {
        in.bundles.push_back(file);
      }
    }
  }
  if (!entry.key.empty()) {
    out.line(level, indent + "key: " + config::scalar(file_for(in, entry.key, true)));
  }
  if (entry.has_passphrase) {
    out.line(level,
             indent + "password_file: " + config::scalar(file_for(in, entry.key, true) + ".pass"),
             "write the passphrase of the key into it");
  }
}

// A cert beside a list, and lists of parents.
void say_uncounted(Mapping& in, const Object& profile,
                   const std::vector<CertificateEntry>& entries) {
  for (const Object* one : in.config.line_of(profile)) {
    for (const char* key : {"cert", "key", "chain"}) {
      const Statement* const said = one->statement.find(key);
      const bool counts = std::ranges::any_of(entries, [said](const CertificateEntry& entry) {
        return std::ranges::find(entry.parts, said) != entry.parts.end();
      });
      if (said != nullptr && !counts) {
        in.ledger.say(*one, *said, Outcome::not_needed, "does not count: another one does");
      }
    }
    if (const Statement* const list = one->statement.find("cert-key-chain")) {
      const bool counts = std::ranges::any_of(entries, [&](const CertificateEntry& entry) {
        return entry.from == one && !entry.name.empty();
      });
      in.ledger.say(*one, *list, counts ? Outcome::mapped : Outcome::not_needed,
                    counts ? "certificates" : "does not count: another list does");
      if (counts) {
        in.ledger.open(*list);
        for (const Statement& entry : list->body) {
          in.ledger.say(*one, entry, Outcome::mapped, "certificates");
          in.ledger.open(entry);
        }
      }
    }
  }
}

}  // namespace

std::string map_certificates(Mapping& in, const Object& profile) {
  in.ledger.reach(profile);
  const std::string what = "certificates " + profile.name;
  if (const auto known = in.names.find(what); known != in.names.end()) {
    return known->second;
  }
  const std::string name = new_name(in, "certificates", profile);
  in.names[what] = name;
  in.certificates.line(1, name + ":", origin(profile));
  const auto entries = certificates_of(in.config, profile);
  for (const CertificateEntry& entry : entries) {
    write_entry(in, entry, 2, entries.size() > 1 ? "- " : "");
    say_parts(in, entry);
  }
  say_uncounted(in, profile, entries);
  const Property server_name = in.config.property(profile, "server-name");
  in.ledger.say(server_name, Outcome::approximated,
                "the certificate is chosen by the names that it has itself");
  return name;
}

}  // namespace chainmend::diagnose::f5
