#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <tuple>

#include "config/config.h"
#include "config/sections.h"
#include "config/source_text.h"
#include "config/yaml_tree.h"

namespace chainmend::config {
namespace {

constexpr std::size_t kMostDiagnostics = 100;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePtr = std::unique_ptr<std::FILE, CloseFile>;

const char* remedy_for(std::error_code why) {
  if (why == std::errc::no_such_file_or_directory) {
    return "; \"chainmend init\" writes one";
  }
  if (why == std::errc::is_a_directory) {
    return "; name the file in it";
  }
  return why == std::errc::permission_denied ? "; its owner or group must be yours" : "";
}

tl::unexpected<Diagnostics> cannot_read(const Path& file, std::error_code why) {
  return tl::unexpected(
      Diagnostics{{{file.string(), 0, 0},
                   "cannot read the configuration: " + why.message() + remedy_for(why)}});
}

// The file's bytes; of a file that is too big, enough of them to tell.
Result<std::string> read_file(const Path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) {
    return cannot_read(file, std::make_error_code(std::errc::is_a_directory));
  }
  const FilePtr input(std::fopen(file.c_str(), "rbe"));
  if (!input) {
    return cannot_read(file, {errno, std::generic_category()});
  }
  std::string text;
  std::array<char, 16'384> block{};
  while (text.size() <= kMaxFileSize) {
    const std::size_t got = std::fread(block.data(), 1, block.size(), input.get());
    text.append(block.data(), got);
    if (got < block.size()) {
      break;
    }
  }
  if (std::ferror(input.get()) != 0) {
    return cannot_read(file, {errno, std::generic_category()});
  }
  return text;
}

// Errors before warnings, each in the order of the file; of very many the first.
Diagnostics in_order(Diagnostics diagnostics) {
  std::ranges::sort(diagnostics, {}, [](const Diagnostic& one) {
    return std::tuple<Severity, int, int, std::string_view>(one.severity, one.at.line,
                                                            one.at.column, one.text);
  });
  if (diagnostics.size() > kMostDiagnostics) {
    const std::size_t more = diagnostics.size() - kMostDiagnostics;
    diagnostics.resize(kMostDiagnostics);
    diagnostics.push_back({{diagnostics.back().at.file, 0, 0},
                           "... and " + std::to_string(more) + " more",
                           diagnostics.back().severity});
  }
  return diagnostics;
}

// Patterns may fit nothing.
void add_missing_files(const std::vector<Located<Path>>& files, Diagnostics& errors) {
  for (const Located<Path>& file : files) {
    const bool pattern = file.value.string().find_first_of("*?[") != std::string::npos;
    if (!pattern && ::access(file.value.c_str(), R_OK) != 0) {
      errors.push_back({file.at, file.value.string() + ": cannot read: " + std::strerror(errno)});
    }
  }
}

Path folder_of(const Path& file) {
  std::error_code error;
  const Path absolute = std::filesystem::absolute(file, error);
  return (error ? file : absolute).parent_path();
}

// Leaves in the reader which files the text names.
Result<Config> read(std::string_view yaml, const Path& file, Reader& reader) {
  reader.file = file.string();
  reader.folder = folder_of(file);
  if (auto refused = refuse_text(yaml, reader.file)) {
    return tl::unexpected(Diagnostics{*std::move(refused)});
  }
  const std::optional<YamlNode> root = read_tree(yaml, reader.file, reader.errors);
  Config config;
  config.file = file;
  if (root && root->line == 0) {
    reader.errors.push_back(
        {{reader.file, 0, 0}, "the configuration is empty; \"chainmend config\" prints every key"});
  } else if (root) {
    read_value(Cursor(reader, *root, ""), config);
  }
  if (!reader.errors.empty()) {
    return tl::unexpected(in_order(failure(std::move(reader.errors), reader.warnings)));
  }
  config.warnings = in_order(std::move(reader.warnings));
  return config;
}

}  // namespace

Result<Config> load(const Path& file) {
  const Result<std::string> text = read_file(file);
  if (!text) {
    return tl::unexpected(text.error());
  }
  Reader reader;
  Result<Config> config = read(*text, file, reader);
  if (!config) {  // nobody goes on to open the files: they are looked for here
    add_missing_files(reader.input_files, config.error());
    return tl::unexpected(in_order(std::move(config.error())));
  }
  return config;
}

Result<Config> parse(std::string_view yaml, const Path& file) {
  Reader reader;
  return read(yaml, file, reader);
}

}  // namespace chainmend::config
