#include "proxy/logs/opened_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace chainmend::logs {

Result<OpenedFile> OpenedFile::for_appending(std::filesystem::path path) {
  // Non-blocking for the opening alone: a FIFO without a reader is an error, not a wait.
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  int error = errno;
  OpenedFile file(descriptor, std::move(path));
  if (descriptor >= 0) {
    if (::fcntl(descriptor, F_SETFL, O_APPEND) >= 0) {
      return file;
    }
    error = errno;
  }
  return tl::unexpected(Error{
      file.path_, "cannot open the handshake log: " + std::generic_category().message(error)});
}

OpenedFile::OpenedFile(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor), path_(std::move(path)) {}

OpenedFile::OpenedFile(OpenedFile&& other) noexcept
    : descriptor_(other.release()), path_(std::move(other.path_)) {}

OpenedFile& OpenedFile::operator=(OpenedFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

OpenedFile::~OpenedFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

int OpenedFile::release() { return std::exchange(descriptor_, -1); }

}  // namespace chainmend::logs
