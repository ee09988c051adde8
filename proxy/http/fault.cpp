#include "proxy/http/fault.h"

namespace chainmend::http {

unsigned status_of(HeadFault fault) noexcept {
  switch (fault) {
    case HeadFault::head_too_big:
    case HeadFault::too_many_fields:
      return 431;
    case HeadFault::target_too_long:
      return 414;
    case HeadFault::unsupported_version:
      return 505;
    case HeadFault::connect_refused:
    case HeadFault::unknown_transfer_coding:
      return 501;
    default:
      return 400;
  }
}

std::string_view text_of(HeadFault fault) noexcept {
  switch (fault) {
    case HeadFault::bare_lf:
      return "a line ends in LF without CR";
    case HeadFault::bare_cr:
      return "CR without LF";
    case HeadFault::control_byte:
      return "a control byte in the head";
    case HeadFault::head_too_big:
      return "the head is too big";
    case HeadFault::too_many_fields:
      return "too many header fields";
    case HeadFault::target_too_long:
      return "the request target is too long";
    case HeadFault::bad_start_line:
      return "malformed start line";
    case HeadFault::bad_method:
      return "malformed method";
    case HeadFault::bad_target:
      return "malformed request target";
    case HeadFault::bad_version:
      return "malformed HTTP version";
    case HeadFault::unsupported_version:
      return "unsupported HTTP version";
    case HeadFault::connect_refused:
      return "CONNECT is not supported";
    case HeadFault::bad_field_name:
      return "malformed header field name";
    case HeadFault::space_before_colon:
      return "white space before the colon of a header field";
    case HeadFault::folded_field:
      return "a header line starts with white space";
    case HeadFault::missing_host:
      return "Host is missing";
    case HeadFault::repeated_host:
      return "more than one Host";
    case HeadFault::bad_host:
      return "malformed Host";
    case HeadFault::host_mismatch:
      return "Host differs from the request target";
    case HeadFault::bad_content_length:
      return "malformed Content-Length";
    case HeadFault::repeated_content_length:
      return "more than one Content-Length";
    case HeadFault::length_and_chunked:
      return "Content-Length beside Transfer-Encoding";
    case HeadFault::bad_transfer_encoding:
      return "malformed Transfer-Encoding";
    case HeadFault::unknown_transfer_coding:
      return "unsupported transfer coding";
    case HeadFault::transfer_encoding_in_http10:
      return "Transfer-Encoding in an HTTP/1.0 message";
    case HeadFault::bad_max_forwards:
      return "malformed Max-Forwards";
    case HeadFault::bad_status:
      return "malformed status code";
    case HeadFault::unasked_upgrade:
      return "101 without a request for that protocol";
  }
  return "malformed head";
}

}  // namespace chainmend::http
