// Ways to write one error number of Windows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace chainmend::diagnose {

// The HRESULT of a Win32 error, such as WinINet's 12045: facility 7 above the number.
inline constexpr std::uint32_t kWin32Facility = 0x80070000;

// Hex, without and with a sign, the Win32 error if it is one, and the parts of the HRESULT:
// "failure, facility 7 (Win32), code 12045".
std::vector<std::string> notations_of(std::uint32_t hresult);

}  // namespace chainmend::diagnose
