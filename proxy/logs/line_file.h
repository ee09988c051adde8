// LineFile: the file of a log, with its lock: the writer's thread writes while another thread opens
// a new one.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/logs/log.h"
#include "proxy/logs/opened_file.h"

namespace chainmend::logs {

class LineFile {
 public:
  // failure: the event in the human log that tells of a write error. A literal.
  explicit LineFile(std::string_view failure) : failure_(failure) {}
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  bool is_open() const { return open_.load(std::memory_order_relaxed); }
  // Writes to this file from now on; none: nowhere.
  void use(std::optional<OpenedFile> file);
  // Writes lines, each with its end. The first failure in a row is told to log.
  bool write(std::string_view lines, Log& log);

 private:
  std::string_view failure_;
  std::mutex mutex_;
  std::atomic<bool> open_{false};
  int fd_ = -1;
  std::filesystem::path path_;
  bool failing_ = false;  // the last write failed, and that was told
  bool torn_ = false;     // the file ends in a part of a line
};

}  // namespace chainmend::logs
