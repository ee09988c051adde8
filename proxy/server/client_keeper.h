// ClientKeeper: keeps what was learned of clients over a restart of the process.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "config/config.h"
#include "proxy/clients/learned.h"
#include "proxy/logs/log.h"

namespace chainmend::server {

class ClientKeeper {
 public:
  // Both must outlive it.
  ClientKeeper(clients::LearnedClients& learned, logs::Log& log) : learned_(learned), log_(log) {}

  // What the configuration in force says. The first call reads the file.
  void configure(const config::Clients& config);
  // Writes the file when there is something new to keep. Waits for the disk; from any thread.
  void save();

 private:
  void complain(const std::string& problem);

  clients::LearnedClients& learned_;
  logs::Log& log_;
  std::mutex mutex_;  // guards all below, and the file
  config::Clients config_;
  bool configured_ = false;
  bool failing_ = false;  // the last write failed, and that was told
  std::uint64_t saved_ = 0;
};

}  // namespace chainmend::server
