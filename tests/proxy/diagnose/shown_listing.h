// What a listing came to, a line for each certificate, for tests to compare.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "proxy/diagnose/lint/read_listing.h"

namespace chainmend::diagnose {

inline const std::string kHash = "0123456789ABCDEF0123456789ABCDEF01234567";
inline const std::string kOther = "89ABCDEF0123456789ABCDEF0123456789ABCDEF";

// One certificate in a line: "store|subject|issuer|serial|thumbprint|from|to|key".
inline std::string shown(const Listed& one) {
  const auto date = [](const std::optional<DateText>& date) {
    return date ? fmt::format("{}-{}-{}", date->year, date->first, date->second) : "";
  };
  return one.store + "|" + one.subject + "|" + one.issuer + "|" + one.serial + "|" +
         one.thumbprint + "|" + date(one.not_before) + "|" + date(one.not_after) + "|" +
         (!one.has_private_key   ? "?"
          : *one.has_private_key ? "key"
                                 : "no key");
}

inline std::vector<std::string> shown(const Listing& listing) {
  std::vector<std::string> all;
  for (const Listed& one : listing.listed) {
    all.push_back(shown(one));
  }
  return all;
}

using Shown = std::vector<std::string>;

}  // namespace chainmend::diagnose
