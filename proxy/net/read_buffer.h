// ReadBuffer: bytes received and not yet used, in one pooled block (or, on demand, a bigger one)
// that is held only while there are any. Lives on one thread, with the stream it reads from.
#pragma once

#include <cstddef>
#include <string_view>

#include "proxy/net/buffer_pool.h"
#include "proxy/net/stream.h"
#include "proxy/net/task.h"

namespace chainmend::net {

class ReadBuffer {
 public:
  std::string_view bytes() {
    return {reinterpret_cast<const char*>(block_.data()) + begin_, end_ - begin_};
  }
  bool empty() const { return begin_ == end_; }
  bool full() const { return !empty() && end_ - begin_ == block_.size(); }
  void consume(std::size_t n) {
    begin_ += n;
    if (empty()) {
      clear();
    }
  }
  void clear() {
    begin_ = end_ = 0;
    block_.release();
  }

  // Takes a block of twice the size when it is full, up to limit bytes.
  void make_room(std::size_t limit, BufferPool& buffers);

  // Reads at least one more byte behind those it has; must not be full. While it waits and has no
  // bytes, it holds no block.
  Task<IoError> fill(Stream& from, BufferPool& buffers);

 private:
  BufferPool::Block block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace chainmend::net
