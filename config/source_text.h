// The checks on a file's bytes that come before YAML: they give one clear error where yaml-cpp
// would decode, misread or choke.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/result.h"

namespace chainmend::config {

constexpr std::size_t kMaxFileSize = 1'048'576;

// The first reason not to read text as YAML: too big, not UTF-8 text (a byte order mark is fine),
// indented with tabs.
std::optional<Diagnostic> refuse_text(std::string_view text, const std::string& file);

// Line `number` of text, counted from 1, without its end; empty when there is none.
std::string_view line_of(std::string_view text, int number);

}  // namespace chainmend::config
