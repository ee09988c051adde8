// Loop: what every connection of one thread shares. A connection borrows it and never leaves its
// thread.
#pragma once

#include <boost/asio/io_context.hpp>

#include "proxy/net/buffer_pool.h"
#include "proxy/net/deadline.h"
#include "proxy/net/task.h"

namespace chainmend::net {

struct Loop {
  Loop() { deadlines.drive_with(sweep_timer); }

  // `io` comes after both: when it dies, its suspended coroutines give back deadlines and buffers.
  DeadlineSet deadlines;
  BufferPool buffers;
  boost::asio::io_context io{1};  // 1: one thread runs it, so Asio may leave its locks out
  Timer sweep_timer{io};
};

}  // namespace chainmend::net
