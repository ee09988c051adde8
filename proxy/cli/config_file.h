// ConfigFile: how every command is told which configuration it is about, declared once.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <string>

#include "config/config.h"

namespace chainmend::cli {

class ConfigFile {
 public:
  // by_option: a bare word means something else to this command.
  enum class Named { bare_too, by_option };

  // Adds "-c FILE", "--config FILE" and the bare FILE to a command.
  explicit ConfigFile(CLI::App& command, Named named = Named::bare_too);

  // The file that was named, else ./chainmend.yaml, else /etc/chainmend/chainmend.yaml. Says on
  // standard error which of these it took, or that neither is there: then nothing is returned.
  std::optional<config::Path> find() const;

 private:
  std::shared_ptr<std::string> named_;  // CLI11 writes to it; empty: not named
};

}  // namespace chainmend::cli
