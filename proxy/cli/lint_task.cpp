#include "proxy/cli/lint_task.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "config/quote.h"
#include "config/values.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/diagnose/lint/keystore.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::cli {

namespace {

// "ca.pem" could be the name of a server as well, and nobody means that.
bool has_file_ending(const std::string& word) {
  constexpr std::array<std::string_view, 18> kEndings{
      ".pem", ".crt", ".cer", ".der", ".p7b", ".p7c", ".pfx",  ".p12", ".sst",
      ".key", ".txt", ".reg", ".log", ".xml", ".csv", ".conf", ".ucs", ".scf"};
  const std::string folded = config::lower(word);
  return std::ranges::any_of(
      kEndings, [&folded](std::string_view ending) { return folded.ends_with(ending); });
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// Files, folders and - before servers; what only looks like a server is an error of its own.
bool is_server(const std::string& word) {
  return word != "-" && !exists(word) &&
         (word.find("://") != std::string::npos ||
          (word.find_first_of("/\\*?") == std::string::npos && !has_file_ending(word)));
}

constexpr enums::Array<const char*, LintKind> kExamples{
    {{"root-store roots.pem", "chain server.crt", "pfx mail.pfx",
      "keystore keystore/certs hq.contoso.com", "iis sslcert.txt certs/ mail.contoso.com",
      "f5 bigip.conf"}}};

// False, with a message, when a word that has to be a server is none.
bool read_words(const std::vector<std::string>& words, LintTask& task) {
  std::size_t next = 0;
  if (!words.empty()) {
    // A folder may be called "keystore": alone, it is the folder.
    task.kind = words.size() > 1 || !exists(words.front()) ? kLintKindNames.find(words.front())
                                                           : std::nullopt;
    next = task.kind ? 1 : 0;
  }
  for (; next < words.size(); ++next) {
    if (!is_server(words[next])) {
      task.paths.push_back(words[next]);
    } else if (auto server = diagnose::parse_target(words[next])) {
      task.servers.push_back(*std::move(server));
    } else {
      fail("no such file, and no server either: " + server.error().describe());
      return false;
    }
  }
  if (task.paths.empty() && task.servers.empty()) {
    fail(std::string("name the files, folders or servers to look at: chainmend lint ") +
         kExamples[task.kind.value_or(LintKind::root_store)]);
    return false;
  }
  return true;
}

// False, with a message, when one does not fit.
bool read_numbers(const LintArguments& arguments, LintTask& task) {
  const auto fail_on = diagnose::kSeverityNames.find(arguments.fail_on);
  if (!fail_on) {
    fail("--fail-on: expected note, warning or error, not " + config::quote(arguments.fail_on));
    return false;
  }
  task.fail_on = *fail_on;
  const auto timeout = config::parse_duration(arguments.timeout);
  if (!timeout || timeout->count() == 0) {
    fail("--timeout: expected a duration such as 5s, found " + config::quote(arguments.timeout));
    return false;
  }
  task.timeout = *timeout;
  task.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!arguments.at.empty()) {
    const auto at = certs::parse_time(arguments.at);
    if (!at) {
      fail("--at: " + at.error().describe());
      return false;
    }
    task.now = *at;
  }
  return true;
}

}  // namespace

std::optional<LintTask> read_lint_task(const LintArguments& arguments) {
  LintTask task;
  if (!read_words(arguments.words, task)) {
    return std::nullopt;
  }
  if (!read_numbers(arguments, task)) {
    return std::nullopt;
  }
  if (!arguments.password_file.empty()) {
    auto password = certs::password_from_file(arguments.password_file);
    if (!password) {
      fail("--password-file: " + password.error().describe());
      return std::nullopt;
    }
    task.password = std::move(*password);
  }
  return task;
}

// One PKCS#12 file is that, another one with the certificate of a server a chain, all else a store;
// but first what bindings, a keystore or a server are.
LintKind kind_of(const diagnose::LintInput& input, bool has_server) {
  if (!input.bigip.files.empty()) {
    return LintKind::f5;
  }
  if (diagnose::looks_like_keystore(input)) {
    return LintKind::keystore;
  }
  if (!input.bindings.empty()) {
    return LintKind::iis;
  }
  if (has_server) {
    return LintKind::chain;
  }
  if (input.files == 1 && input.pfx.size() == 1) {
    return LintKind::pfx;
  }
  const bool has_leaf = std::ranges::any_of(input.entries, [](const diagnose::Entry& entry) {
    return entry.certificate->ca_flag() != certs::CaFlag::yes && !entry.certificate->self_signed();
  });
  return input.files == 1 && has_leaf ? LintKind::chain : LintKind::root_store;
}

bool fits_kind(LintKind kind, const LintArguments& arguments, const LintTask& task,
               const diagnose::LintInput& input) {
  const std::string name = kLintKindNames[kind];
  const bool has_chains = kind == LintKind::chain || !task.servers.empty();
  if (!has_chains && !(arguments.bundles.empty() && arguments.roots.empty())) {
    fail("--bundle and --roots are about chains, and this is a " + name +
         "; name the kind first: chainmend lint chain ...");
    return false;
  }
  if (kind != LintKind::chain && !(arguments.fix.empty() && arguments.trust_profiles.empty())) {
    fail("--fix and --trust-profile are about chains, and this is a " + name +
         "; name the kind first: chainmend lint chain ...");
    return false;
  }
  if (kind != LintKind::root_store && !arguments.used_by.empty()) {
    fail("--used-by is about stores of roots, and this is a " + name +
         "; name the kind first: chainmend lint root-store ...");
    return false;
  }
  const bool takes_server = kind == LintKind::keystore || kind == LintKind::iis;
  if (!task.servers.empty() && kind != LintKind::chain && !takes_server) {
    fail("no server is looked at for a " + name + ", and " + task.servers.front().text() +
         " is no file");
    return false;
  }
  if (takes_server && task.servers.size() > 1) {
    fail("one server at a time: " + name + " was given " + std::to_string(task.servers.size()));
    return false;
  }
  if (kind == LintKind::pfx && input.pfx.empty()) {
    fail("no PKCS#12 file in what was named");
    return false;
  }
  if (kind == LintKind::iis && input.bindings.empty()) {
    fail(
        "no bindings in what was named: give the output of netsh http show sslcert, and the "
        "certificates beside it");
    return false;
  }
  if (kind == LintKind::f5 && input.bigip.files.empty()) {
    fail("no configuration of a BIG-IP in what was named: give bigip.conf, an SCF or a UCS");
    return false;
  }
  if (kind == LintKind::keystore && input.files == 0) {
    fail("no files of a keystore in what was named: give the folder keystore/certs as well");
    return false;
  }
  return true;
}

}  // namespace chainmend::cli
