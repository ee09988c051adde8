// What `chainmend lint` is told on its command line, and what that comes to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/password.h"
#include "certs/time.h"
#include "proxy/diagnose/lint/lint_input.h"
#include "proxy/diagnose/probe/target.h"
#include "proxy/enums/names.h"

namespace chainmend::cli {

struct LintArguments {
  std::vector<std::string> words;  // [KIND], paths and servers
  std::string fail_on = "error";
  std::vector<std::string> bundles;
  std::vector<std::string> roots;
  std::vector<std::string> trust_profiles;  // NAME=PATH
  std::vector<std::string> used_by;
  std::string fix;
  std::string password_file;
  std::string at;
  std::string timeout = "5s";
  bool json = false;
  bool sarif = false;
  bool junit = false;
  bool rules = false;
};

// What files are looked at as.
enum class LintKind : std::uint8_t { root_store, chain, pfx, keystore, iis, f5 };
inline constexpr enums::Names<LintKind> kLintKindNames{"root-store", "chain", "pfx",
                                                       "keystore",   "iis",   "f5"};

struct LintTask {
  std::optional<LintKind> kind;  // unset: told from the content
  std::vector<std::string> paths;
  std::vector<diagnose::Target> servers;
  diagnose::Severity fail_on = diagnose::Severity::error;
  certs::Password password;
  certs::Time now;
  std::chrono::milliseconds timeout{5000};  // of each question to a server
};

// Unset, with a message, when an option does not fit.
std::optional<LintTask> read_lint_task(const LintArguments& arguments);

// What the content is, where no kind was named.
LintKind kind_of(const diagnose::LintInput& input, bool has_server);

// False, with a message, when an option or a server is of no use for this kind.
bool fits_kind(LintKind kind, const LintArguments& arguments, const LintTask& task,
               const diagnose::LintInput& input);

}  // namespace chainmend::cli
