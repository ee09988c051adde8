#include "proxy/cli/check_access.h"

#include <nlohmann/json.hpp>

namespace chainmend::cli {

config::Result<AccessReport> check_access(const config::Config& config, const std::string& user) {
  const auto failed = [](std::string why) {
    return tl::unexpected(config::Diagnostics{{{"--as-user", 0, 0}, std::move(why)}});
  };
  const auto& configured = config.process.user;
  if (user.empty() && !configured) {
    return failed("as whom? The configuration has no process.user; --as-user=USER names one");
  }
  const auto account = server::find_account(user.empty() ? configured->value : user);
  if (!account) {
    return failed(account.error());
  }
  auto obstacles = server::find_obstacles(*account, server::needed_files(config));
  if (!obstacles) {
    return failed(obstacles.error());
  }
  return AccessReport{account->name, std::move(*obstacles)};
}

config::Diagnostics to_diagnostics(const AccessReport& report) {
  config::Diagnostics out;
  for (const server::Obstacle& one : report.obstacles) {
    out.push_back({{one.file.string(), 0, 0}, one.text});
  }
  return out;
}

nlohmann::ordered_json to_json(const AccessReport& report) {
  auto obstacles = nlohmann::ordered_json::array();
  for (const server::Obstacle& one : report.obstacles) {
    obstacles.push_back({{"file", one.file.string()},
                         {"in_the_way", one.in_the_way.string()},
                         {"text", one.text},
                         {"remedy", one.remedy}});
  }
  return {{"user", report.user}, {"obstacles", obstacles}};
}

}  // namespace chainmend::cli
