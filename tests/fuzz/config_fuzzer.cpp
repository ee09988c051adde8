// A configuration file: what is refused has a reason with its place, and what is accepted keeps the
// promises of config.h to those who build on it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/config.h"

using chainmend::config::Config;
using chainmend::config::Listener;

static bool keeps_promises(const Config& config) {
  return !config.listeners.empty() &&
         std::ranges::all_of(config.listeners, [](const Listener& listener) {
           return !listener.name.empty() && !listener.listen.empty() && !listener.routes.empty() &&
                  listener.certificates.empty() == !listener.tls;
         });
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = chainmend::config::parse(text, "/etc/chainmend.yaml");
  if (config ? !keeps_promises(*config) : config.error().empty()) {
    std::abort();
  }
  return 0;
}
