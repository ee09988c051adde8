#include "certs/pipe_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "certs/certificate_reader.h"

namespace chainmend::certs {

namespace {

constexpr const char* kStandardInput = "-";

tl::unexpected<Error> trouble(const std::string& path, const std::string& why) {
  return fail(ErrorCode::cannot_read, "cannot read: " + why,
              path == kStandardInput ? "standard input" : path);
}

// Waits until fd has bytes or ends; why it has not until then, or nothing.
const char* wait_for(int fd, std::chrono::steady_clock::time_point until) {
  pollfd ready{fd, POLLIN, 0};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const int events = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (events > 0) {
      return nullptr;
    }
    if (events == 0) {
      return "it did not end in time";
    }
    if (errno != EINTR) {
      return std::strerror(errno);
    }
  }
}

Result<Bytes> read_to_end(int fd, const std::string& path, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  Bytes bytes;
  std::array<std::uint8_t, 65'536> block{};
  for (;;) {
    if (const char* why = wait_for(fd, until)) {
      return trouble(path, why);
    }
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got == 0) {
      return bytes;
    }
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      return trouble(path, std::strerror(errno));
    }
    bytes.insert(bytes.end(), block.begin(), block.begin() + std::max<ssize_t>(got, 0));
    if (bytes.size() > kMaxCertificateFileBytes) {
      return trouble(path, "it is larger than 64 MiB");
    }
  }
}

}  // namespace

bool is_pipe(const std::string& path) {
  struct stat info{};
  return path == kStandardInput || (::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode));
}

Result<Bytes> read_pipe(const std::string& path, std::chrono::milliseconds patience) {
  if (path == kStandardInput) {
    return read_to_end(STDIN_FILENO, path, patience);
  }
  // O_NONBLOCK: or a pipe that nobody writes to would keep us in open() for ever.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    return trouble(path, std::strerror(errno));
  }
  Result<Bytes> bytes = read_to_end(fd, path, patience);
  ::close(fd);
  return bytes;
}

}  // namespace chainmend::certs
