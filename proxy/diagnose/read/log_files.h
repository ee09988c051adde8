// log_files(): which files a command line means, in the order in which they were written.
#pragma once

#include <string>
#include <vector>

namespace chainmend::diagnose {

struct LogFiles {
  std::vector<std::string> files;
  std::vector<std::string> problems;  // folders that cannot be read, or hold too much
};

// Folders stand for the files in them, at any depth; symbolic links to folders are not followed.
// Of a rotated set the oldest comes first: "x.log.10.gz", "x.log.2", "x.log.1", "x.log"; numbers in
// names count as numbers. "-" stays as it is.
LogFiles log_files(const std::vector<std::string>& paths);

}  // namespace chainmend::diagnose
