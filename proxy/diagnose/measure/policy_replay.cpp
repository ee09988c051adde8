#include "proxy/diagnose/measure/policy_replay.h"

#include <algorithm>
#include <map>
#include <utility>

namespace chainmend::diagnose {

std::vector<ReplayedType> replay(const RecordedHellos& recorded, const tls::ShadowPolicy& policy) {
  std::map<std::string, ReplayedType> by_type;
  for (const RecordedHello& one : recorded.hellos) {
    ReplayedType& row = by_type[one.client_type];
    row.client_type = one.client_type;
    ++row.accepted.attempts;
    if (policy.accepts(one.hello)) {
      ++row.accepted.successes;
    } else if (policy.shares_version(one.hello)) {
      ++row.suite_refused;
    } else {
      ++row.version_refused;
    }
  }
  std::vector<ReplayedType> rows;
  rows.reserve(by_type.size());
  for (auto& [type, row] : by_type) {
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, {}, [](const ReplayedType& row) {
    return std::pair(*row.accepted.value(), row.client_type);
  });
  return rows;
}

}  // namespace chainmend::diagnose
