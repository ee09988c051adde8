#include "proxy/server/client_keeper.h"

#include <system_error>
#include <utility>

#include "proxy/clients/learned_file.h"

namespace chainmend::server {

void ClientKeeper::configure(const config::Clients& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
  if (!config_.learn) {
    return;
  }
  const bool ours = owns_file();
  if (!std::exchange(read_, true)) {
    read();
    if (ours) {
      saved_ = learned_.changes();
    }
  }
}

void ClientKeeper::save() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t changes = learned_.changes();
  if (!config_.learn || changes == saved_ || !owns_file()) {
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

bool ClientKeeper::owns_file() {
  const std::filesystem::path& file = config_.file.value;
  if (lock_.held() && locked_file_ == file) {
    return true;
  }
  std::error_code ignored;  // what matters shows when the file is written
  std::filesystem::create_directories(file.parent_path(), ignored);
  const FileLock::Outcome outcome = lock_.take(file.native() + ".lock");
  locked_file_ = file;
  if (outcome == FileLock::Outcome::held_by_another) {
    if (!std::exchange(shared_, true)) {
      complain(
          "another chainmend keeps what it learns in this file, so this one does not save: "
          "give each a file of its own with clients.file");
    }
    return false;
  }
  if (std::exchange(shared_, false)) {
    read();  // the other one has ended: what it learned is kept
  }
  return true;
}

void ClientKeeper::read() {
  clients::LearnedFile file = clients::read_learned(config_.file.value);
  learned_.restore(std::move(file.entries));
  if (!file.problem.empty()) {
    complain(file.problem);
  }
}

void ClientKeeper::complain(const std::string& problem) {
  log_.event(logs::Level::warn, "clients_file",
             {{"file", config_.file.value.native()}, {"error", problem}});
}

}  // namespace chainmend::server
