// Connection-bound authentication: NTLM, Negotiate, Kerberos and CredSSP authenticate a connection,
// not a request (RFC 4559 6, MS-NTHT). An upstream connection on which one of them was seen must
// never serve another client. In doubt the answer is yes: to pin a connection needlessly costs a
// socket, not to pin one that has an identity gives that identity to somebody else.
#pragma once

#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::http {

// True when any element of an Authorization or WWW-Authenticate value starts with such a scheme, in
// any case. Commas inside quoted strings count as separators on purpose (see above).
bool has_connection_bound_scheme(std::string_view value) noexcept;

// Authorization or Proxy-Authorization carries such a scheme.
bool is_connection_bound(const RequestHead& head) noexcept;
// Authorization or Proxy-Authorization carries a scheme that is not known to authenticate just the
// one request, as Basic, Bearer and Digest do: nobody else should get that connection.
bool may_bind_connection(const RequestHead& head) noexcept;
// WWW-Authenticate or Proxy-Authenticate, at any status, offers or continues one, or
// Persistent-Auth says true.
bool is_connection_bound(const ResponseHead& head) noexcept;
// Authorization, or the challenge for it, names NTLM, Negotiate, Kerberos, CredSSP or Digest:
// schemes that IIS does not let pass a proxy. On a request with Via it forgets after each answer
// who the connection is (AuthPersistSingleRequestIfProxy, which is its default: the same 40 pages
// took 70 answers with 401 instead of 10, ISA Server team blog, 2009-07-30), and IIS 8 refuses what
// follows with Digest (Microsoft KB 3050055).
bool is_spoilt_by_via(const RequestHead& head) noexcept;
bool is_spoilt_by_via(const ResponseHead& head) noexcept;
// Persistent-Auth says true: the server has bound the identity to the connection.
bool is_persistently_authenticated(const ResponseHead& head) noexcept;

}  // namespace chainmend::http
