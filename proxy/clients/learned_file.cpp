#include "proxy/clients/learned_file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace chainmend::clients {
namespace {

using Entry = LearnedClients::Entry;

constexpr std::string_view kFirstLine = "chainmend clients 1\n";
constexpr std::size_t kMaxFile = std::size_t{4} * 1024 * 1024;  // 10,000 lines take less than 2

std::string why(const char* what) {
  return std::string("cannot ") + what + ": " + std::generic_category().message(errno);
}

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)) {}
  ~File() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

bool read_all(int fd, std::string& text) {
  std::array<char, 16'384> block{};
  while (text.size() <= kMaxFile) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno != EINTR) {
      return false;
    }
    if (got == 0) {
      break;
    }
    text.append(block.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  return true;
}

// The text up to the next separator; takes both off the front.
std::string_view take(std::string_view& text, char separator) {
  const std::string_view taken = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

bool in_ja4(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_'; }

// "::ffff:192.0.2.1 t10i040000_cd059950e4e9_000000000000 polycom_phone 1700000000"
std::optional<Entry> parse_line(std::string_view line) {
  Entry entry;
  const std::string address(take(line, ' '));
  const std::string_view ja4 = take(line, ' ');
  entry.type = ClientType::known(take(line, ' '));
  std::int64_t proved = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), proved);
  if (::inet_pton(AF_INET6, address.c_str(), entry.address.data()) != 1 ||
      ja4.size() != entry.ja4.size() || !std::ranges::all_of(ja4, in_ja4) ||
      entry.type == ClientType() || error != std::errc() || end != line.data() + line.size() ||
      proved < 0 || proved > 0xffff'ffff'ffff) {
    return std::nullopt;
  }
  std::ranges::copy(ja4, entry.ja4.begin());
  entry.proved = std::chrono::sys_seconds(std::chrono::seconds(proved));
  return entry;
}

std::string line_of(const Entry& entry) {
  std::array<char, INET6_ADDRSTRLEN> address{};
  ::inet_ntop(AF_INET6, entry.address.data(), address.data(), address.size());
  std::string line(address.data());
  line += ' ';
  line.append(entry.ja4.data(), entry.ja4.size());
  line += ' ';
  line += entry.type.name();
  line += ' ' + std::to_string(entry.proved.time_since_epoch().count()) + '\n';
  return line;
}

}  // namespace

LearnedFile read_learned(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  struct stat info{};
  if (!file.is_open()) {
    return {{}, errno == ENOENT ? std::string() : why("read")};
  }
  std::string text;
  if (::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return {{}, "not a regular file"};
  }
  if (!read_all(file.fd(), text)) {
    return {{}, why("read")};
  }
  if (!text.starts_with(kFirstLine) || text.size() > kMaxFile) {
    return {{}, "not what was learned of clients; it is not used"};
  }
  LearnedFile out;
  std::size_t damaged = 0;
  for (std::string_view rest = std::string_view(text).substr(kFirstLine.size()); !rest.empty();) {
    if (const auto entry = parse_line(take(rest, '\n'))) {
      out.entries.push_back(*entry);
    } else {
      ++damaged;
    }
  }
  if (damaged > 0) {
    out.problem = std::to_string(damaged) + " damaged lines are left out";
  }
  return out;
}

std::string write_learned(const std::filesystem::path& path, const std::vector<Entry>& entries) {
  std::string text(kFirstLine);
  for (const Entry& entry : entries) {
    text += line_of(entry);
  }
  std::error_code ignored;  // what matters shows when the file is opened
  std::filesystem::create_directories(path.parent_path(), ignored);
  // Only one thread writes; what a process that died left behind is overwritten.
  const std::filesystem::path temporary = path.string() + ".new";
  const File file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) {
    return why("write");
  }
  if (!write_all(file.fd(), text) || ::fsync(file.fd()) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    std::string problem = why("write");
    ::unlink(temporary.c_str());
    return problem;
  }
  return {};
}

}  // namespace chainmend::clients
