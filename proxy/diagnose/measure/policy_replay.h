// replay(): what a TLS policy would do with recorded hellos, without a network: the shadow policy
// of the proxy's metrics as a tool. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/diagnose/measure/recorded_hellos.h"
#include "proxy/diagnose/measure/statistics.h"
#include "proxy/tls/handshake_outcome.h"
#include "proxy/tls/shadow_policy.h"

namespace chainmend::diagnose {

struct ReplayedType {
  std::string client_type;
  Rate accepted;
  std::size_t version_refused = 0;  // no version in common
  std::size_t suite_refused = 0;    // no suite in common at a common version
};

// What the policy would do with a hello: none when it accepts it, else version_unsupported or
// no_shared_cipher.
tls::Reason refusal_of(const clients::ClientHello& hello, const tls::ShadowPolicy& policy);

// One row for each type of client, the least accepted first.
std::vector<ReplayedType> replay(const RecordedHellos& recorded, const tls::ShadowPolicy& policy);

}  // namespace chainmend::diagnose
