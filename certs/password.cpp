#include "certs/password.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace chainmend::certs {

namespace {

constexpr std::size_t kMaxPasswordLength = 4096;

}  // namespace

Result<Password> password_from_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return fail(ErrorCode::cannot_read,
                std::string("cannot read the password: ") + std::strerror(errno), path);
  }
  std::string line;
  for (char c = 0; line.size() <= kMaxPasswordLength && in.get(c) && c != '\n';) {
    line += c;
  }
  if (in.bad() || line.size() > kMaxPasswordLength) {
    return fail(ErrorCode::cannot_read, "the first line of this file cannot be a password", path);
  }
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  return line;
}

Result<Password> password_from_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) {
    return fail(ErrorCode::cannot_read, "the environment variable " + variable + " is not set");
  }
  return std::string(value);
}

}  // namespace chainmend::certs
