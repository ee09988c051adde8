// FileLock: a lock that one process has at a time, until it ends or lets go: flock() on a file that
// holds nothing and stays behind.
#pragma once

#include <filesystem>

#include "proxy/server/listening_socket.h"

namespace chainmend::server {

class FileLock {
 public:
  enum class Outcome {
    taken,
    held_by_another,
    impossible,  // the file cannot be opened: no such folder, no permission
  };

  // Does not wait. Creates the file (mode 0600), not its folder. A lock held before is let go.
  Outcome take(const std::filesystem::path& file);
  bool held() const { return static_cast<bool>(file_); }

 private:
  FileDescriptor file_;
};

}  // namespace chainmend::server
