#include "proxy/server/file_snapshot.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <system_error>

namespace chainmend::server {

namespace fs = std::filesystem;

namespace {

// Links that lead to links; Linux gives up after as many.
constexpr int kMostLinks = 40;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool is_pattern(const fs::path& path) {
  return path.native().find_first_of("*?[{") != std::string::npos;
}

void watch_name(FileSnapshot::Places& places, const fs::path& folder, const std::string& name) {
  const auto [place, is_new] = places.try_emplace(folder);
  if (is_new || !place->second.empty()) {
    place->second.insert(name);
  }
}

void watch_all(FileSnapshot::Places& places, const fs::path& folder) { places[folder].clear(); }

// Follows path link by link, noting each and the end of the way.
void watch_way(FileSnapshot::Places& places, fs::path path) {
  for (int links = 0; links <= kMostLinks; ++links) {
    fs::path walked;
    bool led_on = false;
    for (auto part = path.begin(); part != path.end(); ++part) {
      const fs::path here = walked / *part;
      std::error_code none;
      if (!fs::is_symlink(here, none)) {
        walked = here;
        continue;
      }
      watch_name(places, walked, part->native());
      fs::path to = fs::read_symlink(here, none);
      to = to.is_absolute() ? to : walked / to;
      for (auto rest = std::next(part); rest != path.end(); ++rest) {
        to /= *rest;
      }
      path = to.lexically_normal();
      led_on = true;
      break;
    }
    if (!led_on) {
      watch_name(places, path.parent_path(), path.filename().native());
      return;
    }
  }
}

void add_file(FileSnapshot& out, const fs::path& path) {
  watch_way(out.places, path);
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    out.files[path] = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                       nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  }
}

void add_folder(FileSnapshot& out, const fs::path& folder) {
  std::error_code error;
  watch_way(out.places, folder);
  if (const fs::path real = fs::canonical(folder, error); !error) {
    watch_all(out.places, real);
  }
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    add_file(out, at->path());
  }
}

// The deepest folder of a pattern that is named in full; folders that the rest matches are seen as
// long as a file of theirs is.
void add_pattern(FileSnapshot& out, const fs::path& pattern) {
  fs::path folder;
  for (const fs::path& part : pattern.parent_path()) {
    if (is_pattern(part)) {
      break;
    }
    folder /= part;
  }
  std::error_code error;
  if (const fs::path real = fs::canonical(folder, error); !error) {
    watch_way(out.places, folder);
    watch_all(out.places, real);
  }
  glob_t found{};
  if (::glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0) {
    std::for_each_n(found.gl_pathv, found.gl_pathc,
                    [&out](const char* path) { add_file(out, path); });
  }
  ::globfree(&found);
}

}  // namespace

FileSnapshot FileSnapshot::take(const std::vector<fs::path>& paths) {
  FileSnapshot out;
  for (const fs::path& path : paths) {
    std::error_code none;
    if (fs::is_directory(path, none)) {
      add_folder(out, path);
    } else if (is_pattern(path) && !fs::exists(path, none)) {
      add_pattern(out, path);
    } else {
      add_file(out, path);
    }
  }
  return out;
}

std::vector<fs::path> FileSnapshot::changes_since(const FileSnapshot& before) const {
  std::vector<fs::path> out;
  for (const auto& [path, identity] : files) {
    const auto known = before.files.find(path);
    if (known == before.files.end() || known->second != identity) {
      out.push_back(path);
    }
  }
  for (const auto& [path, identity] : before.files) {
    if (!files.contains(path)) {
      out.push_back(path);
    }
  }
  return out;
}

}  // namespace chainmend::server
