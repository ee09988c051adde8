#include "certs/result.h"

namespace chainmend::certs {

std::string Error::describe() const {
  if (where.empty()) {
    return text;
  }
  return line == 0 ? where + ": " + text : where + ":" + std::to_string(line) + ": " + text;
}

}  // namespace chainmend::certs
