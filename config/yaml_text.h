// Text as it may stand in a configuration that a command writes.
#pragma once

#include <string>
#include <string_view>

namespace chainmend::config {

// A scalar that means just this text: plain, in single quotes, or in double quotes where a control
// character needs its escape.
std::string scalar(std::string_view text);

}  // namespace chainmend::config
