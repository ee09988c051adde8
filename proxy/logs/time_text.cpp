#include "proxy/logs/time_text.h"

#include <fmt/chrono.h>

namespace chainmend::logs {

std::string time_text(std::chrono::system_clock::time_point at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const auto fraction = std::chrono::floor<std::chrono::milliseconds>(at - second);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", second, fraction.count());
}

}  // namespace chainmend::logs
