// look_at_withheld(): a client that sent "Expect: 100-continue" and got a final answer instead may
// leave its body out, and has no way to say so. RFC 9110 10.1.1 lets the server close; but .NET and
// WinHTTP send the next request on the same connection, which NTLM needs, and IIS accepts it.
#pragma once

#include <string_view>

namespace chainmend::http {

enum class Withheld {
  undecided,  // too few bytes to tell
  request,    // the body was left out: this is the next request
  body,       // the body after all
};

// What follows such an answer, by its first bytes. A request begins with a method in use and a
// space; `method` is that of the request whose body it was. Any other beginning is the body, also
// one that a tolerant reader could take for a request: when in doubt it is not one.
Withheld look_at_withheld(std::string_view received, std::string_view method) noexcept;

}  // namespace chainmend::http
