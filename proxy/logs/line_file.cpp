#include "proxy/logs/line_file.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "proxy/logs/line_writer.h"

namespace chainmend::logs {

LineFile::~LineFile() { use(std::nullopt); }

void LineFile::use(std::optional<OpenedFile> file) {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) {
    ::close(fd_);
  }
  fd_ = -1;
  path_.clear();
  if (file) {
    path_ = file->path();
    fd_ = file->release();
  }
  failing_ = torn_ = false;
  open_.store(fd_ >= 0, std::memory_order_relaxed);
}

bool LineFile::write(std::string_view lines, Log& log) {
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) {
    return false;
  }
  const std::string whole = (torn_ ? "\n" : "") + std::string(lines);
  const std::size_t done = write_all(fd_, whole);
  if (done == whole.size()) {
    failing_ = torn_ = false;
    return true;
  }
  const int error = errno;
  torn_ = done == 0 ? torn_ : whole[done - 1] != '\n';
  if (!std::exchange(failing_, true)) {
    log.event(Level::error, failure_,
              {{"file", path_.native()}, {"error", std::generic_category().message(error)}});
  }
  return false;
}

}  // namespace chainmend::logs
