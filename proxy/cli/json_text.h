// JSON as commands print what strangers said: in ASCII alone, because other characters may reorder
// or hide what a terminal shows. Bytes that are no UTF-8 become U+FFFD.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace chainmend::cli {

inline std::string ascii_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace chainmend::cli
