#include "proxy/server/client_keeper.h"

#include <utility>

#include "proxy/clients/learned_file.h"

namespace chainmend::server {

void ClientKeeper::configure(const config::Clients& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
  if (!config_.learn || std::exchange(configured_, true)) {
    return;
  }
  clients::LearnedFile file = clients::read_learned(config_.file.value);
  learned_.restore(std::move(file.entries));
  saved_ = learned_.changes();
  if (!file.problem.empty()) {
    complain(file.problem);
  }
}

void ClientKeeper::save() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t changes = learned_.changes();
  if (!config_.learn || changes == saved_) {
    return;
  }
  const std::string problem = clients::write_learned(config_.file.value, learned_.entries());
  if (problem.empty()) {
    saved_ = changes;
    failing_ = false;
  } else if (!std::exchange(failing_, true) && config_.file.at.line != 0) {
    complain(problem);  // of the default place, only those who asked for it want to hear
  }
}

void ClientKeeper::complain(const std::string& problem) {
  log_.event(logs::Level::warn, "clients_file",
             {{"file", config_.file.value.native()}, {"error", problem}});
}

}  // namespace chainmend::server
