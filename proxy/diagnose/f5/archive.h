// The files of a UCS, which is a tar archive packed by gzip. Read in memory, nothing is written.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "certs/result.h"

namespace chainmend::diagnose::f5 {

// Whether bytes are a tar archive, unpacked already.
bool looks_like_tar(certs::ByteView bytes);
// Whether they are what `tmsh save sys ucs NAME passphrase ...` writes.
bool looks_like_encrypted_ucs(certs::ByteView bytes);

// Calls `visit` with the path and the content of each regular file. What macOS adds
// ("._bigip.conf") is skipped. False: the archive ends too early, or is none.
bool visit_tar(certs::ByteView tar,
               const std::function<void(const std::string&, certs::ByteView)>& visit);

}  // namespace chainmend::diagnose::f5
