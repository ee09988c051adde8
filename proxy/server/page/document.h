// The status page as a whole: what a browser shows before, or without, the script.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/server/page/parts.h"

namespace chainmend::server {

struct DocumentFacts {
  std::string filter;        // rows without these words are left out
  std::uint64_t number = 0;  // of the feed that it shows
  bool may_change = false;
};

std::string document(const std::vector<Section>& sections, const Overview& overview,
                     const DocumentFacts& facts);

}  // namespace chainmend::server
