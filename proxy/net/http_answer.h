// HttpAnswer: parses one HTTP/1.x answer to its status, Location and body. The head has at most 16
// KiB, the body what the caller allows, and all bytes received twice the sum of both, so that a
// server cannot send chunk framing for ever. Reads bodies with Content-Length, chunked ones, and
// those that end with the connection. Pure; one object per answer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "certs/certificate.h"

namespace chainmend::net {

class HttpAnswer {
 public:
  // to_head: the answer to a HEAD request, which has no body whatever it says.
  explicit HttpAnswer(std::size_t body_limit, bool to_head = false);
  ~HttpAnswer();
  HttpAnswer(const HttpAnswer&) = delete;
  HttpAnswer& operator=(const HttpAnswer&) = delete;

  // Takes what arrived next. Errors: network (not HTTP, or broken), too_big. No calls after an
  // error or done().
  certs::Result<void> put(certs::ByteView bytes);
  // The peer closed. Error: network, when the answer is not whole.
  certs::Result<void> end();

  bool head_done() const;
  bool done() const;
  unsigned status() const;       // once head_done()
  std::string location() const;  // once head_done(); empty when there is none
  // Once head_done(): the first field of that name; empty when there is none. Borrowed.
  std::string_view field(std::string_view name) const;
  // What there is of the body yet. Borrowed until the next call.
  std::string_view body_so_far() const;
  certs::Bytes take_body();  // once done()

 private:
  struct Parser;  // hides Boost.Beast, which is slow to compile
  std::unique_ptr<Parser> parser_;
  certs::Bytes pending_;  // arrived, not yet taken by the parser
  std::size_t may_arrive_;
};

}  // namespace chainmend::net
