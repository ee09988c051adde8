// InUse: the check before something is taken out of a store of roots: do certificates that are in
// use chain through it?
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/diagnose/lint/lint_input.h"

namespace chainmend::diagnose {

class InUse {
 public:
  // used: certificates in use, as of a keystore. store: where their issuers may be, too.
  InUse(const LintInput& used, const LintInput& store);

  // The certificates in use that chain through this one, at most kMaxUsers of them, in words. A
  // certificate does not chain through itself.
  const std::vector<std::string>& users_of(const Entry& entry) const;
  // By its thumbprint, when its bytes are in the keystore; else by its name, which proves nothing.
  const std::vector<std::string>& users_of(const Listed& listed) const;

  static constexpr std::size_t kMaxUsers = 5;

 private:
  using Users = std::vector<std::string>;
  void walk(const Entry& user);
  const std::vector<const certs::Certificate*>& issuers_of(const certs::Certificate& certificate);

  std::unordered_multimap<std::string, const certs::Certificate*> by_subject_;
  std::unordered_map<certs::Sha256, std::vector<const certs::Certificate*>, certs::Sha256Hash>
      issuers_;
  std::unordered_map<std::string, Users> by_thumbprint_;
  std::unordered_map<std::string, Users> by_name_;  // comparable_name() of issuers
  Users nobody_;
};

}  // namespace chainmend::diagnose
