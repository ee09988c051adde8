// The facts of all keys, and finding one of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"

namespace chainmend::config {

// The whole configuration: a map without a name. Made at the first call.
const Fact& facts();

// True when keys of ours stand below it, in whatever depth of names.
bool has_keys(const Fact& fact);

struct FoundFact {
  std::string path;  // "certificates.*.pfx"; * for a name that the operator gives
  std::string yaml;  // where it stands, with the value that the reference shows; lines
  const Fact* fact;
};

// Every key, in the order in which the reference shows them.
std::vector<FoundFact> all_facts();
// The keys that `name` means: a path or its end ("head", "timeouts.head"), with a name of the
// operator's in place of each * or without it.
std::vector<FoundFact> find_facts(std::string_view name);

// What a value may be: "a number (1 to 256)", "a file name, or a list of these".
std::string value_text(const Fact& fact);

}  // namespace chainmend::config
