#include "proxy/cli/write_new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace chainmend::cli {

namespace {

// SIGINT and its like wait until the file is in its place.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsWait() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_{};
};

bool write_all(int fd, const std::string& content, mode_t mode) {
  std::size_t written = 0;
  while (written < content.size()) {
    const ssize_t n = write(fd, content.data() + written, content.size() - written);
    if (n < 0 && errno != EINTR) {
      return false;
    }
    written += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  return fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

// Without replace the name must be free still: a link is refused where a rename is not.
bool move_into_place(const std::string& temporary, const std::string& file, Replace replace) {
  if (replace == Replace::yes) {
    return rename(temporary.c_str(), file.c_str()) == 0;
  }
  return link(temporary.c_str(), file.c_str()) == 0 && unlink(temporary.c_str()) == 0;
}

}  // namespace

std::optional<std::string> write_new_file(const std::filesystem::path& file,
                                          const std::string& content, Replace replace,
                                          mode_t mode) {
  const SignalsWait wait;
  std::string temporary = file.string() + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) {
    return std::strerror(errno);
  }
  bool good = write_all(fd, content, mode);
  good = close(fd) == 0 && good;
  if (good && move_into_place(temporary, file.string(), replace)) {
    return std::nullopt;
  }
  const int why = errno;
  unlink(temporary.c_str());
  return std::strerror(why);
}

}  // namespace chainmend::cli
