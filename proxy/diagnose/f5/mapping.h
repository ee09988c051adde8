// Mapping: what the parts of an import share: the sections of the configuration that they write,
// the names that are given, and the ledger.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/diagnose/f5/import.h"
#include "proxy/diagnose/f5/virtual_server.h"
#include "proxy/diagnose/f5/yaml.h"

namespace chainmend::diagnose::f5 {

struct Mapping {
  const Configuration& config;
  const CertificateStore& store;
  const ImportOptions& options;
  Ledger ledger = Ledger(config);
  Yaml certificates = {}, policies = {}, listeners = {}, upstreams = {};
  std::vector<std::string> bundles = {};  // files with intermediates
  std::vector<ImportedFile> files = {};
  std::map<std::string, std::string> names = {};  // what was written already, and what it is called
  std::set<std::string> taken_names = {};         // "upstreams cas"
  std::set<std::string> used_addresses = {};
};

// A name as chainmend has them, not given to anything else in this section.
std::string new_name(Mapping& in, const std::string& section, const Object& of);
// The address that stands for one of F5's.
std::string here(Mapping& in, const std::string& address);
// "# ltm pool /Common/cas, bigip.conf:12", for a comment.
std::string origin(const Object& object);
std::string origin(const Property& property, std::string_view key);
// The file that a certificate or key of this name is written to, or has to be put at.
std::string file_for(Mapping& in, const std::string& object, bool is_key);

// The certificates of a profile and its policy. Both return the name that they have here.
std::string map_certificates(Mapping& in, const Object& profile);
std::string map_policy(Mapping& in, const Object& profile);

// The pool of a virtual, as its other profiles make it. Returns its name.
std::string map_pool(Mapping& in, const VirtualServer& of);
void map_health(Mapping& in, const Object& pool, bool with_tls, Yaml& out);
void map_server_ssl(Mapping& in, const Object& profile, Yaml& out);
void map_persistence(Mapping& in, const Object& persistence, Yaml& out);

void map_listener(Mapping& in, const VirtualServer& of, const std::vector<Objection>& guarded);

// The versions of TLS that options leave on in this version of TMOS, "1.0" to "1.3", lowest first.
std::vector<std::string> versions_of(const Property& options, const Configuration& config);

}  // namespace chainmend::diagnose::f5
