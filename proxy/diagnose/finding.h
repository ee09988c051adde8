// Finding: one thing that a diagnosis saw, as data: what a command prints, writes as JSON and lets
// a pipeline go by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class Severity : std::uint8_t {
  note,     // worth knowing
  warning,  // some clients fail, or will soon
  error,    // clients that do nothing wrong fail
};

struct Finding {
  std::string id;  // stable: "intermediate-missing"
  Severity severity = Severity::note;
  std::optional<std::size_t> certificate;  // which of the list it is about, from 0; unset: all
  std::string text;                        // one sentence without full stop
  std::string fix;                         // what mends it; may be empty
};

inline constexpr enums::Names<Severity> kSeverityNames{"note", "warning", "error"};
constexpr const char* to_string(Severity severity) { return kSeverityNames[severity]; }

}  // namespace chainmend::diagnose
