#include "proxy/server/environment.h"

#include <cstdlib>

namespace chainmend::server {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): there is one thread
  std::string taken = value == nullptr ? "" : value;
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  return taken;
}

}  // namespace chainmend::server
