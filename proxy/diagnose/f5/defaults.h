// What F5's own profiles say where a configuration says nothing, by version of TMOS.
#pragma once

#include <string>
#include <string_view>

namespace chainmend::diagnose::f5 {

// kind: "ltm profile client-ssl". version: the first number of it; 0: not known, a recent one.
// Empty: none is known, or it is off.
std::string default_of(std::string_view kind, std::string_view key, int version);

}  // namespace chainmend::diagnose::f5
