// What a service manager says to the process that it starts, in variables that are nobody else's:
// they are taken out of the environment. To be called while there is one thread.
#pragma once

#include <string>

namespace chainmend::server {

// The value; empty when there is none.
std::string take_variable(const char* name);

}  // namespace chainmend::server
