#include "proxy/metrics/server_names.h"

#include <algorithm>

namespace chainmend::metrics {

void ServerNames::add(const std::string& name, ServerNameLabel label) {
  if (name.starts_with("*.")) {
    wild_[name.substr(1)] = label;
  } else {
    exact_[name] = label;
  }
}

ServerNameLabel ServerNames::label_of(std::string_view asked) const {
  if (asked.ends_with('.')) {  // the root's label may be written
    asked.remove_suffix(1);
  }
  if (asked.empty()) {
    return kNoName;
  }
  if (const auto found = exact_.find(asked); found != exact_.end()) {
    return found->second;
  }
  const auto found = wild_.find(asked.substr(std::min(asked.find('.'), asked.size())));
  return found != wild_.end() ? found->second : kOtherName;
}

}  // namespace chainmend::metrics
