#include "proxy/diagnose/lint/windows_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace chainmend::diagnose {

namespace {

constexpr const char* kRoots = "Cert:\\LocalMachine\\Root\\";

// For those whose thumbprint a listing left out.
constexpr const char* kByHand =
    "find it by its name in certlm.msc, Trusted Root Certification "
    "Authorities, ";

}  // namespace

bool holds_roots(std::string_view store) {
  constexpr std::array<std::string_view, 3> kNames{"", "root", "authroot"};
  std::string lower(store);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(kNames, lower) != kNames.end();
}

std::string move_to_intermediates(const std::string& thumbprint) {
  return (thumbprint.empty()
              ? std::string(kByHand) + "and move it to Intermediate Certification Authorities"
              : "Move-Item " + (kRoots + thumbprint) + " -Destination Cert:\\LocalMachine\\CA") +
         "; then Restart-Service W3SVC";
}

std::string remove_entry(const std::string& thumbprint) {
  return thumbprint.empty() ? std::string(kByHand) + "and delete it"
                            : "Remove-Item " + (kRoots + thumbprint);
}

std::string place_text(const Place& place) {
  return place.file +
         (place.line > 0 ? fmt::format(":{}", place.line) : fmt::format(", entry {}", place.entry));
}

}  // namespace chainmend::diagnose
