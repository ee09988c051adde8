// What keeps a user from the files that a configuration names: asked of the kernel, by a child
// process that becomes that user, so that groups, access control lists and security modules count
// as they will. Every folder on the way is asked for itself, also behind symbolic links and behind
// one that is closed: one run names all that is in the way.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "proxy/server/privileges.h"

namespace chainmend::server {

enum class Need {
  read,     // a file; a folder with its files; what a pattern fits
  append,   // a file that is created when there is none
  replace,  // a file that is read, and written by renaming another to it
  fill,     // a folder that is created when there is none
};

struct NeededFile {
  config::Path path;
  Need need = Need::read;
};

struct Obstacle {
  config::Path file;  // that cannot be used
  Need need = Need::read;
  config::Path in_the_way;  // itself, or a folder
  std::string text;         // the whole of it, with its remedy
  std::string remedy;       // shell commands: one, or another
};

// What `run` uses of this configuration beside its sockets.
std::vector<NeededFile> needed_files(const config::Config& config);

// Files that are not there are passed over: whoever reads them says so. Needs root, unless the
// account is our own.
tl::expected<std::vector<Obstacle>, std::string> find_obstacles(
    const Account& account, const std::vector<NeededFile>& files);

}  // namespace chainmend::server
