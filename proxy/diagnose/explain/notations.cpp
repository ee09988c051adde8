#include "proxy/diagnose/explain/notations.h"

#include <fmt/format.h>

namespace chainmend::diagnose {

namespace {

// winerror.h: FACILITY_...
const char* facility_name(std::uint32_t facility) {
  switch (facility) {
    case 0:
      return " (general)";
    case 7:
      return " (Win32)";
    case 9:
      return " (security)";
    case 11:
      return " (certificates)";
    case 12:
      return " (Internet)";
    case 25:
      return " (HTTP)";
    default:
      return "";
  }
}

}  // namespace

std::vector<std::string> notations_of(std::uint32_t hresult) {
  std::vector<std::string> all = {fmt::format("0x{:08x}", hresult), std::to_string(hresult)};
  const auto as_signed = static_cast<std::int32_t>(hresult);
  if (as_signed < 0) {
    all.push_back(std::to_string(as_signed));
  }
  const std::uint32_t code = hresult & 0xffff;
  if ((hresult & 0xffff0000) == kWin32Facility) {
    all.push_back(std::to_string(code));
  }
  const std::uint32_t facility = hresult >> 16 & 0x7ff;
  all.push_back(fmt::format("{}, facility {}{}, code {}", as_signed < 0 ? "failure" : "success",
                            facility, facility_name(facility), code));
  return all;
}

}  // namespace chainmend::diagnose
