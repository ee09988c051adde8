// OpenedFile: a file that is open for appending and not written to yet, so that what may fail is
// behind before a log turns to it.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

namespace chainmend::logs {

struct Error {
  std::filesystem::path file;
  std::string text;
  std::string describe() const { return file.string() + ": " + text; }
};

template <typename T>
using Result = tl::expected<T, Error>;

class OpenedFile {
 public:
  // Creates the file (mode 0640) when there is none.
  static Result<OpenedFile> for_appending(std::filesystem::path path);
  OpenedFile(OpenedFile&& other) noexcept;
  OpenedFile& operator=(OpenedFile&& other) noexcept;
  ~OpenedFile();  // closes it, unless it was released

  const std::filesystem::path& path() const { return path_; }
  // The descriptor, the caller's from now on.
  int release();

 private:
  OpenedFile(int descriptor, std::filesystem::path path);

  int descriptor_ = -1;
  std::filesystem::path path_;
};

}  // namespace chainmend::logs
