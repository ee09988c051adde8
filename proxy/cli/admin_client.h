// AdminClient: how a command asks the admin listener of the chainmend that runs. Where that is, is
// told by --admin or by the configuration; the token, if it wants one, by --token-file or by
// admin.token_file.
#pragma once

#include <CLI/App.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "proxy/cli/config_file.h"

namespace chainmend::cli {

class AdminClient {
 public:
  struct Answer {
    unsigned status = 0;
    std::string body;
  };
  enum class Method { get, post };

  // Adds the options of ConfigFile, "--admin ADDRESS" and "--token-file FILE" to a command.
  explicit AdminClient(CLI::App& command, ConfigFile::Named named = ConfigFile::Named::bare_too);

  // Where a page is: "http://127.0.0.1:9465/readyz". Unset: standard error says why.
  std::optional<std::string> url_of(const std::string& target) const;

  // The answer to a request for target ("/status", with a query if there is one). Without one
  // standard error says why, and what to do.
  std::optional<Answer> ask(Method method, const std::string& target,
                            std::chrono::seconds patience = std::chrono::seconds(10)) const;

 private:
  struct Options {
    std::string admin;
    std::string token_file;
  };
  struct Address;
  std::optional<Address> find() const;

  ConfigFile config_file_;
  std::shared_ptr<Options> options_ = std::make_shared<Options>();  // CLI11 writes to it
};

}  // namespace chainmend::cli
