// Child: a program that a lab starts, and that ends with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "certs/result.h"

namespace chainmend::lab {

// What a program printed, on both streams, and how it ended; 128 + the signal's number when one
// ended it.
struct Output {
  int status = 0;
  std::string text;
};

class Child {
 public:
  // Starts command[0]. What it prints goes to the end of `log`.
  static certs::Result<Child> start(const std::vector<std::string>& command,
                                    const std::filesystem::path& log);
  // Runs it to its end. At most `patience`, then it is ended.
  static certs::Result<Output> run(const std::vector<std::string>& command,
                                   std::chrono::seconds patience);

  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  ~Child();  // ends it: SIGTERM, and SIGKILL for one that has not left two seconds later

  pid_t pid() const { return pid_; }
  bool has_ended();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  bool wait_until(std::chrono::steady_clock::time_point until);

  pid_t pid_;  // -1: none, or ended
  int status_ = 0;
};

}  // namespace chainmend::lab
