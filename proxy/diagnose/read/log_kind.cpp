#include "proxy/diagnose/read/log_kind.h"

#include <algorithm>

namespace chainmend::diagnose {

LogKind kind_of(std::string_view begin) {
  begin.remove_prefix(std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  const auto has_line = [begin](std::string_view start) {
    const auto at = begin.find(start);
    return at == 0 || (at != std::string_view::npos && begin[at - 1] == '\n');
  };
  if (begin.starts_with('#') && (has_line("#Fields:") || has_line("#Software:"))) {
    return LogKind::w3c;
  }
  if (begin.starts_with('{') && begin.find("\"event\":\"handshake\"") != std::string_view::npos) {
    return LogKind::handshakes;
  }
  if (begin.starts_with('<') && begin.find("<Event") != std::string_view::npos) {
    return LogKind::events_xml;
  }
  return LogKind::text;
}

}  // namespace chainmend::diagnose
