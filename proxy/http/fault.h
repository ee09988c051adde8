// HeadFault: why a head was refused. Each has one status and one sentence for client and log.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

namespace chainmend::http {

enum class HeadFault : std::uint8_t {
  bare_lf,              // a line that ends in LF without CR (RFC 9112 2.2)
  bare_cr,              // CR without LF (RFC 9112 2.2)
  control_byte,         // NUL, DEL or another control anywhere in the head (RFC 9110 5.5)
  head_too_big,         // HeadLimits::bytes
  too_many_fields,      // HeadLimits::fields
  target_too_long,      // the request line alone exceeds HeadLimits::bytes
  bad_start_line,       // not method SP target SP version, or not version SP status SP reason
  bad_method,           // not a token
  bad_target,           // no valid form, bad byte, fragment, bad percent-encoding in the path
  bad_version,          // not HTTP/d.d in capitals
  unsupported_version,  // a major version other than 1
  connect_refused,      // CONNECT: this is no tunnel
  bad_field_name,       // empty or not a token, or no colon in the line
  space_before_colon,   // RFC 9112 5.1
  folded_field,         // obs-fold, or white space before the first field (RFC 9112 5.2, 2.2)
  missing_host,         // HTTP/1.1 without Host
  repeated_host,
  bad_host,            // empty, userinfo, bad port, bad byte
  host_mismatch,       // Host differs from the authority of an absolute-form
  bad_content_length,  // not digits, or over 2^63-1
  repeated_content_length,
  length_and_chunked,       // Content-Length beside Transfer-Encoding
  bad_transfer_encoding,    // chunked is not the last coding, or is there twice
  unknown_transfer_coding,  // a coding that we do not undo comes before chunked
  transfer_encoding_in_http10,
  bad_max_forwards,  // on OPTIONS or TRACE: not one number
  bad_status,        // not three digits in 100..599
  unasked_upgrade,   // 101 to a request that offered no such protocol
};

// Status to answer a bad request with: 400, 414, 431, 501 or 505. A bad response always gives 502.
unsigned status_of(HeadFault fault) noexcept;
// One sentence without a full stop: "Content-Length beside Transfer-Encoding".
std::string_view text_of(HeadFault fault) noexcept;

using Parsed = tl::expected<void, HeadFault>;

}  // namespace chainmend::http
