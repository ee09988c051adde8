// gunzip(): what a whole gzip file in memory holds. For files that stream, there is Input.
#pragma once

#include <cstddef>

#include "certs/bytes.h"
#include "certs/result.h"

namespace chainmend::diagnose {

bool looks_like_gzip(certs::ByteView bytes);

// Unpacked as often as it is packed, at most kMaxPackings times; never more than limit bytes.
certs::Result<certs::Bytes> gunzip(certs::ByteView bytes, std::size_t limit);

inline constexpr int kMaxPackings = 3;

}  // namespace chainmend::diagnose
