// When the chains are to be looked at again, so that what ends is replaced before it does.
#pragma once

#include <chrono>

#include "proxy/serving/builder.h"

namespace chainmend::serving {

// An incomplete chain is tried again soon: its AIA host may be back, and AiaDownloads spaces out
// what it asks.
inline constexpr std::chrono::minutes kRetryIncomplete{5};
// What is complete is looked at daily. Building asks for the successor of an intermediate that ends
// within 30 days, so there are many occasions to get it.
inline constexpr std::chrono::hours kRefresh{24};

// One of the two, or less when an intermediate ends before: then another path may take its place.
std::chrono::seconds next_look(const Build& build, certs::Time now);

}  // namespace chainmend::serving
