#include "proxy/server/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

namespace chainmend::server {

FileLock::Outcome FileLock::take(const std::filesystem::path& file) {
  file_ = FileDescriptor();
  FileDescriptor opened(
      ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!opened) {
    return Outcome::impossible;
  }
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? Outcome::held_by_another : Outcome::impossible;
  }
  file_ = std::move(opened);
  return Outcome::taken;
}

}  // namespace chainmend::server
