// How a certificate is put into a binding of Windows, as commands for its administrator. Pure.
#pragma once

#include <string>

#include "proxy/diagnose/lint/bindings.h"

namespace chainmend::diagnose {

// In IIS, for a site: what to choose in its manager, and the line of PowerShell.
std::string rebind_site(const std::string& site, std::uint16_t port, const std::string& thumbprint);

// In HTTP.SYS, where no site is known: netsh, with everything else of the binding kept.
std::string rebind(const Binding& binding, const std::string& thumbprint);

}  // namespace chainmend::diagnose
