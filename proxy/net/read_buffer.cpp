#include "proxy/net/read_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace chainmend::net {

void ReadBuffer::make_room(std::size_t limit, BufferPool& buffers) {
  if (!full() || block_.size() >= limit) {
    return;
  }
  BufferPool::Block bigger = buffers.take_big(std::min(limit, block_.size() * 2));
  std::memcpy(bigger.data(), block_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  block_.release();
  block_ = std::move(bigger);
}

Task<IoError> ReadBuffer::fill(Stream& from, BufferPool& buffers) {
  assert(!full());
  if (empty()) {
    begin_ = end_ = 0;
    const IoResult read = co_await from.read_some(buffers, block_);
    end_ = read.n;
    if (read.error != IoError::none) {
      clear();
    }
    co_return read.error;
  }
  if (end_ == block_.size()) {
    std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const IoResult read = co_await from.read_some(block_.span().subspan(end_));
  end_ += read.n;
  co_return read.error;
}

}  // namespace chainmend::net
