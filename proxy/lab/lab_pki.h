// The certificates of a lab: one authority with two intermediates, what it did wrong over the
// years, and the lists that VIPs make of it.
#pragma once

#include <filesystem>
#include <string>

#include "certs/result.h"
#include "certs/time.h"

namespace chainmend::lab {

inline constexpr const char* kHost = "mail.contoso.test";

struct PkiTerms {
  std::filesystem::path folder;  // of the lab; there
  std::string aia;               // where the authority publishes: "http://127.0.0.1:8455"
  certs::Time now;
};

// Writes pki/, keystore/certs/ and root-store.pem below the folder.
certs::Result<void> make_pki(const PkiTerms& terms);

}  // namespace chainmend::lab
