// relay_body(): carries one message body from one stream to another, re-framed and checked on the
// way.
#pragma once

#include <optional>
#include <string>

#include "proxy/http/body.h"
#include "proxy/net/deadline.h"
#include "proxy/net/pace.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace chainmend::session {

struct RelayEnd {
  std::optional<http::BodyFault> fault;  // the body itself is broken or was cut off
  net::IoError read_error = net::IoError::none;
  net::IoError write_error = net::IoError::none;
  bool ok() const {
    return !fault && read_error == net::IoError::none && write_error == net::IoError::none;
  }
};

struct RelayRoute {
  net::Stream& from;
  net::ReadBuffer& received;  // from `from`; bytes of the next message stay in it
  net::Stream& to;
  std::string& scratch;
  net::BufferPool& buffers;
  net::Deadline& idle;  // each byte moved lets it expire `patience` later
  net::Clock::duration patience;
  net::Pace* client = nullptr;  // of whichever end is the client; null: it may be slow
  bool from_client = false;
};

// Returns when body.done(), or why not. Everything in route must outlive the coroutine.
net::Task<RelayEnd> relay_body(RelayRoute route, http::BodyRelay& body);

}  // namespace chainmend::session
