#include "proxy/cli/config_file.h"

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <system_error>

#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"

namespace chainmend::cli {

namespace {

constexpr std::array<const char*, 2> kUsualPlaces = {"./chainmend.yaml",
                                                     "/etc/chainmend/chainmend.yaml"};

// Also true of a file that may not be looked at: reading it says why.
bool may_be_there(const config::Path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || error;
}

}  // namespace

ConfigFile::ConfigFile(CLI::App& command, Named named) : named_(std::make_shared<std::string>()) {
  command
      .add_option(named == Named::bare_too ? "-c,--config,FILE" : "-c,--config", *named_,
                  "Configuration; when not given ./chainmend.yaml, then "
                  "/etc/chainmend/chainmend.yaml")
      ->type_name("FILE");
}

std::optional<config::Path> ConfigFile::find() const {
  if (!named_->empty()) {
    return *named_;
  }
  for (const char* place : kUsualPlaces) {
    if (may_be_there(place)) {
      const Terminal err(stderr);
      err.line(err.styled(Style::dim, std::string("Configuration: ") + place));
      return place;
    }
  }
  fail(std::string("no configuration: neither ") + kUsualPlaces[0] + " nor " + kUsualPlaces[1] +
       " is there. \"chainmend init\" writes one; \"-c FILE\" names another");
  return std::nullopt;
}

}  // namespace chainmend::cli
