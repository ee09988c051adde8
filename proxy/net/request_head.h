// read_request_head(): the next request's head from a client, for servers that have no session of
// their own to keep.
#pragma once

#include "proxy/http/head.h"
#include "proxy/net/buffer_pool.h"
#include "proxy/net/read_buffer.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace chainmend::net {

// False when there is none that can be answered: it is malformed, larger than one block, or the
// client left. What follows the head stays in `received`. Time limits are the caller's.
Task<bool> read_request_head(Stream& client, ReadBuffer& received, BufferPool& buffers,
                             http::RequestHead& head);

}  // namespace chainmend::net
