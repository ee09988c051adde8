// LogKind: what kind of log a text is, told from how it begins.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class LogKind : std::uint8_t {
  w3c,         // IIS, and HTTP.SYS' error log: columns that #Fields names
  handshakes,  // chainmend's own: one JSON object a line
  events_xml,  // Windows events as XML
  text,        // lines of any program
};
inline constexpr enums::Names<LogKind> kLogKindNames{"w3c", "handshakes", "events-xml", "text"};
constexpr const char* to_string(LogKind kind) { return kLogKindNames[kind]; }

// begin: the first bytes, already UTF-8. What is none of the others is text.
LogKind kind_of(std::string_view begin);

}  // namespace chainmend::diagnose
