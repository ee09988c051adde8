// ClientKeeper: keeps what was learned of clients over a restart of the process. Only one process
// writes a file; a second one that is configured with the same file says so and does not save.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>

#include "config/config.h"
#include "proxy/clients/learned.h"
#include "proxy/logs/log.h"
#include "proxy/server/file_lock.h"

namespace chainmend::server {

class ClientKeeper {
 public:
  // Both must outlive it.
  ClientKeeper(clients::LearnedClients& learned, logs::Log& log) : learned_(learned), log_(log) {}

  // What the configuration in force says. The first call that allows learning reads the file.
  void configure(const config::Clients& config);
  // Writes the file when there is something new to keep. Waits for the disk; from any thread.
  void save();

 private:
  // Whether this process may write the configured file; tells when another does.
  bool owns_file();
  void read();
  void complain(const std::string& problem);

  clients::LearnedClients& learned_;
  logs::Log& log_;
  std::mutex mutex_;  // guards all below, and the file
  config::Clients config_;
  FileLock lock_;  // beside locked_file_
  std::filesystem::path locked_file_;
  bool read_ = false;
  bool shared_ = false;   // another process has the lock, and that was told
  bool failing_ = false;  // the last write failed, and that was told
  std::uint64_t saved_ = 0;
};

}  // namespace chainmend::server
