#include "proxy/diagnose/measure/policy_replay.h"

#include <algorithm>
#include <map>
#include <utility>

namespace chainmend::diagnose {

tls::Reason refusal_of(const clients::ClientHello& hello, const tls::ShadowPolicy& policy) {
  return policy.accepts(hello)          ? tls::Reason::none
         : policy.shares_version(hello) ? tls::Reason::no_shared_cipher
                                        : tls::Reason::version_unsupported;
}

std::vector<ReplayedType> replay(const RecordedHellos& recorded, const tls::ShadowPolicy& policy) {
  std::map<std::string, ReplayedType> by_type;
  for (const RecordedHello& one : recorded.hellos) {
    ReplayedType& row = by_type[one.client_type];
    row.client_type = one.client_type;
    ++row.accepted.attempts;
    const tls::Reason refusal = refusal_of(one.hello, policy);
    row.accepted.successes += refusal == tls::Reason::none ? 1 : 0;
    row.version_refused += refusal == tls::Reason::version_unsupported ? 1 : 0;
    row.suite_refused += refusal == tls::Reason::no_shared_cipher ? 1 : 0;
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
