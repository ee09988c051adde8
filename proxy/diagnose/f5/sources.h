// read_sources(): the files that somebody has of a BIG-IP: bigip.conf and what completes it, a
// folder with them, an SCF, a UCS.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::diagnose::f5 {

struct SourceFile {
  std::string name;  // "backup.ucs/config/bigip.conf"
  std::string text;  // UTF-8 where it was UTF-16, else as it is
};

struct Sources {
  std::vector<SourceFile> files;
  // Certificates and keys of an archive's file store, by their path in it.
  std::map<std::string, certs::Bytes> stored;
  std::vector<std::string> failures;  // a sentence each, with the name of the file
};

// Files of a folder count when they are called as a BIG-IP calls them; files that were named,
// always.
Sources read_sources(const std::vector<std::string>& paths);

// The same of bytes that were read already; false when they are no configuration and no archive.
bool take_source(const std::string& name, certs::ByteView bytes, Sources& out);

inline constexpr std::size_t kMaxUnpacked = 512 * 1024 * 1024;
inline constexpr std::size_t kMaxStored = 16 * 1024 * 1024;  // of certificates and keys in all

}  // namespace chainmend::diagnose::f5
