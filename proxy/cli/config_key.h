// config --explain KEY: what a key of the configuration means, what it may be, and where it stands.
#pragma once

#include <string>

namespace chainmend::cli {

// True when the word can only be a file: it has a folder or ends as YAML does.
bool names_file(const std::string& word);

// Prints every key that the name means; returns the exit code.
int explain_key(const std::string& name, bool json);

}  // namespace chainmend::cli
