// Where the password of an encrypted key comes from. Never the command line, never printed.
#pragma once

#include <optional>
#include <string>

#include "certs/result.h"

namespace chainmend::certs {

using Password = std::optional<std::string>;  // nullopt: none given; "" is a password, too

// The first line of the file, without its line end.
Result<Password> password_from_file(const std::string& path);
Result<Password> password_from_environment(const std::string& variable);

}  // namespace chainmend::certs
