#include "certs/password.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

namespace chainmend::certs {

namespace {

constexpr std::size_t kMaxPasswordLength = 4096;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) {
    return fail(ErrorCode::not_recognised,
                "this password file is UTF-16, as PowerShell's > writes it; save it as UTF-8",
                path);
  }
  if (line.starts_with(kByteOrderMark)) {
    line.erase(0, kByteOrderMark.size());
  }
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  return line;
}

std::string doubt_about_password_file(const std::string& path) {
  const Result<Password> read = password_from_file(path);
  if (!read) {
    return "";
  }
  const std::string& line = **read;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  if (line.empty()) {
    return "; the first line of " + path + " is empty";
  }
  if (is_blank(line.front()) || is_blank(line.back())) {
    return "; the first line of " + path +
           " begins or ends with a blank, which is taken for part of it";
  }
  if (line.size() > 1 && line.front() == line.back() &&
      (line.front() == '"' || line.front() == '\'')) {
    return "; the first line of " + path + " is in quotes, which are taken for part of it";
  }
  return "";
}

Result<Password> password_from_environment(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr) {
    return fail(ErrorCode::cannot_read, "the environment variable " + variable + " is not set");
  }
  return std::string(value);
}

}  // namespace chainmend::certs
