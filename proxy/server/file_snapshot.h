// FileSnapshot: what a set of files looked like at one moment, to tell later whether one of them
// changed, and where the system has to be watched for such a change.
//
// A file may stand behind links, which are what is exchanged: Kubernetes turns `..data` to another
// folder, certbot `fullchain.pem` to another file. So each link on the way is a place of its own.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace chainmend::server {

struct FileSnapshot {
  // Another content shows in one of these, also where a copy kept the time of the original.
  struct Identity {
    std::uint64_t device = 0, inode = 0, bytes = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;
    auto operator<=>(const Identity&) const = default;
  };
  // In every folder the names that matter; empty: all of them.
  using Places = std::map<std::filesystem::path, std::set<std::string>>;

  std::map<std::filesystem::path, Identity> files;  // those that are there
  Places places;

  // paths: absolute; files, folders (with the files in them) and glob patterns.
  static FileSnapshot take(const std::vector<std::filesystem::path>& paths);
  // The files that came, went or changed since `before`.
  std::vector<std::filesystem::path> changes_since(const FileSnapshot& before) const;
};

}  // namespace chainmend::server
