// write_new_file: a file that is there whole or not at all.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace chainmend::cli {

enum class Replace { no, yes };

// Writes content with the given mode to a file beside the target and moves it there. Nothing is
// left behind when that fails or a signal comes. Returns why it failed.
std::optional<std::string> write_new_file(const std::filesystem::path& file,
                                          const std::string& content, Replace replace,
                                          mode_t mode = 0640);

}  // namespace chainmend::cli
