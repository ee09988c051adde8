// ShadowPolicy: whether a policy would have accepted a hello that another one refused: what an
// operator gains by choosing it. Looks at versions and suites, which is what old clients fail on;
// certificates and groups are not considered. Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/policy.h"
#include "proxy/tls/result.h"

namespace chainmend::tls {

class ShadowPolicy {
 public:
  static Result<ShadowPolicy> of(const TlsPolicy& policy);

  const std::string& name() const { return name_; }
  bool accepts(const clients::ClientHello& hello) const;
  // Whether the hello offers a version that the policy allows.
  bool shares_version(const clients::ClientHello& hello) const;

 private:
  struct Suite {
    std::uint16_t number;
    std::uint16_t since;  // the version it came with
  };
  bool has_suite_for(std::uint16_t version, const clients::ClientHello& hello) const;

  std::string name_;
  std::uint16_t min_ = 0;
  std::uint16_t max_ = 0;
  std::vector<Suite> suites_;
};

}  // namespace chainmend::tls
