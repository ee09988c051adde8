#include "proxy/serving/admin_token.h"

#include <algorithm>
#include <string_view>

#include "certs/password.h"
#include "proxy/serving/lint_certificates.h"

namespace chainmend::serving {

namespace {

constexpr std::size_t kShortest = 16;

// b64token of RFC 6750 2.1.
bool is_token(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string load_admin_token(const config::Admin& admin, Findings& findings) {
  if (!admin.token_file) {
    return {};
  }
  const auto& [file, place] = *admin.token_file;
  const auto read = certs::password_from_file(file.string());
  if (!read) {
    findings.errors.push_back(
        {place, "the token of the admin listener: " + read.error().describe()});
    return {};
  }
  lint_mode(*admin.token_file, "the token of the admin listener", findings);
  const std::string& token = **read;
  if (token.size() < kShortest || !is_token(token)) {
    findings.errors.push_back(
        {place, "the first line of " + file.string() +
                    " is no token: 16 characters or more, letters, digits and -._~+/= alone; "
                    "openssl rand -hex 32 makes one"});
    return {};
  }
  return token;
}

}  // namespace chainmend::serving
