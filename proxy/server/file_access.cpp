#include "proxy/server/file_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "proxy/server/listening_socket.h"

namespace chainmend::server {

namespace {

namespace fs = std::filesystem;

// Something in the file system, and what the user must be able to do with it (R_OK, W_OK, X_OK).
struct Object {
  fs::path path;
  int rights;
  auto operator<=>(const Object&) const = default;
};

// The folders that lead to a path, from the root on.
void add_way(const fs::path& to, std::vector<Object>& out) {
  fs::path folder;
  for (const fs::path& part : to.parent_path()) {
    folder /= part;
    out.push_back({folder, X_OK});
  }
}

// A path as it is written, and as its links lead.
void add(const fs::path& path, int rights, std::vector<Object>& out) {
  add_way(path, out);
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (!error && real != path) {
    add_way(real, out);
  }
  out.push_back({error ? path : real, rights});
}

// The nearest folder above that there is.
fs::path existing_folder(const fs::path& path) {
  fs::path folder = path.parent_path();
  std::error_code ignored;
  while (folder.has_relative_path() && !fs::exists(folder, ignored)) {
    folder = folder.parent_path();
  }
  return folder;
}

std::vector<fs::path> expand(const fs::path& pattern) {
  glob_t found{};
  std::vector<fs::path> out;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    out.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return out;
}

void add_readable(const fs::path& path, std::vector<Object>& out) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    add(path, R_OK | X_OK, out);
    for (const fs::directory_entry& entry : fs::directory_iterator(path, ignored)) {
      if (entry.is_regular_file(ignored)) {
        add(entry.path(), R_OK, out);
      }
    }
  } else if (fs::exists(path, ignored)) {
    add(path, R_OK, out);
  } else if (path.native().find_first_of("*?[") != std::string::npos) {
    add(path.parent_path(), R_OK | X_OK, out);
    for (const fs::path& match : expand(path)) {
      add_readable(match, out);
    }
  }
}

std::vector<Object> objects_of(const NeededFile& file) {
  std::vector<Object> out;
  const fs::path path = fs::absolute(file.path).lexically_normal();
  std::error_code ignored;
  const bool exists = fs::exists(path, ignored);
  switch (file.need) {
    case Need::read:
      add_readable(path, out);
      break;
    case Need::append:
      exists ? add(path, W_OK, out) : add(existing_folder(path), W_OK | X_OK, out);
      break;
    case Need::replace:
      add(existing_folder(path), W_OK | X_OK, out);
      if (exists) {
        add(path, R_OK, out);
      }
      break;
    case Need::fill:
      add(exists ? path : existing_folder(path), exists ? R_OK | W_OK | X_OK : W_OK | X_OK, out);
      break;
  }
  return out;
}

// In the child. By descriptors that the parent opened, so that no closed folder hides what is
// behind it.
std::vector<char> ask(const std::vector<std::pair<FileDescriptor, int>>& objects) {
  std::vector<char> refused;
  for (const auto& [at, rights] : objects) {
    const bool denied = at && ::faccessat(at.get(), "", rights, AT_EMPTY_PATH) != 0;
    refused.push_back(denied ? 1 : 0);
  }
  return refused;
}

[[noreturn]] void run_child(const Account& account, int answers,
                            const std::vector<std::pair<FileDescriptor, int>>& objects) {
  std::string out;
  if (const auto became = become(account, false); !became) {
    out = "!" + became.error();
  } else {
    const std::vector<char> refused = ask(objects);
    out = "=" + std::string(refused.begin(), refused.end());
  }
  const bool written = ::write(answers, out.data(), out.size()) == ssize_t(out.size());
  ::_exit(written ? 0 : 1);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got <= 0 && !(got < 0 && errno == EINTR)) {
      return text;
    }
    text.append(block.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
}

// Which of the objects the account is refused, one for each.
tl::expected<std::vector<bool>, std::string> refused(const Account& account,
                                                     const std::vector<Object>& objects) {
  std::vector<std::pair<FileDescriptor, int>> opened;
  opened.reserve(objects.size());
  for (const Object& one : objects) {
    opened.emplace_back(::open(one.path.c_str(), O_PATH | O_CLOEXEC), one.rights);
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return tl::unexpected(std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  const FileDescriptor answers(ends[0]);
  FileDescriptor to_parent(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) {
    return tl::unexpected(std::string("cannot make a process: ") + std::strerror(errno));
  }
  if (child == 0) {
    run_child(account, to_parent.get(), opened);
  }
  to_parent = FileDescriptor();
  const std::string told = read_all(answers.get());
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (told.starts_with('!')) {
    return tl::unexpected(told.substr(1));
  }
  if (told.size() != objects.size() + 1) {
    return tl::unexpected("the process that became " + account.name + " ended before it answered");
  }
  return std::vector<bool>(told.begin() + 1, told.end());
}

// As one word of a shell.
std::string shell_word(const std::string& text) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) {
    return text;
  }
  std::string word = "'";
  for (const char c : text) {
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return word + "'";
}

std::string letters(int rights) {
  return std::string((rights & R_OK) != 0 ? "r" : "") + ((rights & W_OK) != 0 ? "w" : "") +
         ((rights & X_OK) != 0 ? "x" : "");
}

std::string group_name(gid_t id) {
  const group* found = ::getgrgid(id);  // NOLINT(concurrency-mt-unsafe): commands have one thread
  return found == nullptr ? std::to_string(id) : found->gr_name;
}

bool is_member(const Account& account, gid_t wanted) {
  int count = 0;
  ::getgrouplist(account.name.c_str(), account.group, nullptr, &count);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 1)));
  count = static_cast<int>(groups.size());
  ::getgrouplist(account.name.c_str(), account.group, groups.data(), &count);
  return std::ranges::find(groups, wanted) != groups.end();
}

// The commands that give the account what it lacks, the one that opens least first.
std::string remedy(const Account& account, const Object& object, const struct stat& is) {
  const std::string path = shell_word(object.path.native());
  const std::string right = letters(object.rights);
  const std::string list = "setfacl -m u:" + account.name + ":" + right + " " + path;
  const auto wanted = static_cast<mode_t>(object.rights) << 3U;
  if (is_member(account, is.st_gid)) {
    return "chmod g+" + right + " " + path;
  }
  if (is.st_gid != 0 && (is.st_mode & wanted) == wanted) {
    return "usermod -aG " + group_name(is.st_gid) + " " + account.name + ", or " + list;
  }
  return list + ", or chgrp " + group_name(account.group) + " " + path + " && chmod g+" + right +
         " " + path;
}

const char* verb(Need need) {
  switch (need) {
    case Need::read:
      return "read";
    case Need::append:
      return "append to";
    case Need::replace:
      return "replace";
    case Need::fill:
      return "write into";
  }
  return "use";
}

Obstacle describe(const Account& account, const NeededFile& file, const Object& object) {
  struct stat is{};
  if (::stat(object.path.c_str(), &is) != 0) {
    return {file.path, file.need, object.path, std::strerror(errno), ""};
  }
  const std::string mends = remedy(account, object, is);
  return {file.path, file.need, object.path,
          fmt::format("{} cannot {} it: {} has mode {:04o} and group {}, which leaves out {}; {}",
                      account.name, verb(file.need), object.path.string(), is.st_mode & 07777U,
                      group_name(is.st_gid), letters(object.rights), mends),
          mends};
}

}  // namespace

std::vector<NeededFile> needed_files(const config::Config& config) {
  std::vector<NeededFile> files{{config.file, Need::read}};
  for (const config::Path& input : config::input_files(config)) {
    files.push_back({input, Need::read});
  }
  for (const auto& log : {config.logs.handshakes.file, config.logs.access.file}) {
    if (log) {
      files.push_back({log->value, Need::append});
    }
  }
  if (config.clients.learn) {
    files.push_back({config.clients.file.value, Need::replace});
  }
  if (config.chain.aia.mode != config::AiaMode::off) {
    files.push_back({config.chain.aia.cache.value, Need::fill});
  }
  return files;
}

tl::expected<std::vector<Obstacle>, std::string> find_obstacles(
    const Account& account, const std::vector<NeededFile>& files) {
  // An object is asked for once, however many files lie behind it.
  std::vector<Object> objects;
  std::vector<std::vector<Object>> by_file;
  for (const NeededFile& file : files) {
    by_file.push_back(objects_of(file));
    objects.insert(objects.end(), by_file.back().begin(), by_file.back().end());
  }
  std::ranges::sort(objects);
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  const auto answers = refused(account, objects);
  if (!answers) {
    return tl::unexpected(answers.error());
  }
  std::vector<Obstacle> obstacles;
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::vector<Object> told;
    for (const Object& object : by_file[i]) {
      const auto place = std::ranges::lower_bound(objects, object) - objects.begin();
      if ((*answers)[static_cast<std::size_t>(place)] &&
          std::ranges::find(told, object) == told.end()) {
        told.push_back(object);
        obstacles.push_back(describe(account, files[i], object));
      }
    }
  }
  return obstacles;
}

}  // namespace chainmend::server
