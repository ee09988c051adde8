// The TLS versions that metrics tell apart. The place in kVersions is the index of the cell.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "proxy/clients/client_hello.h"

namespace chainmend::metrics {

// The last one counts every version that is not listed; its label is "unknown".
inline constexpr std::array<std::uint16_t, 7> kVersions{clients::kSsl2,
                                                        clients::kSsl3,
                                                        clients::kTls10,
                                                        clients::kTls11,
                                                        clients::kTls12,
                                                        clients::kTls13,
                                                        0};

inline std::size_t version_index(std::uint16_t version) {
  const auto known = std::ranges::find(kVersions, version);
  return known == kVersions.end() ? kVersions.size() - 1
                                  : static_cast<std::size_t>(known - kVersions.begin());
}

}  // namespace chainmend::metrics
