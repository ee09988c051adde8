// Where the password of an encrypted key comes from. Never the command line, never printed.
#pragma once

#include <optional>
#include <string>

#include "certs/result.h"

namespace chainmend::certs {

using Password = std::optional<std::string>;  // nullopt: none given; "" is a password, too

// The first line of the file, without its line end and without a byte order mark.
Result<Password> password_from_file(const std::string& path);
// Why the password in this file may be another one than was meant, as the end of a message that
// says that it does not fit: "; the first line of mail.pass is empty". Empty: nothing is odd about
// it.
std::string doubt_about_password_file(const std::string& path);
Result<Password> password_from_environment(const std::string& variable);

}  // namespace chainmend::certs
