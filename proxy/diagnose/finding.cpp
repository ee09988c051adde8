#include "proxy/diagnose/finding.h"

namespace chainmend::diagnose {

const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "?";
}

}  // namespace chainmend::diagnose
