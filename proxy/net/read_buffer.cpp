#include "proxy/net/read_buffer.h"

#include <cassert>
#include <cstring>

namespace chainmend::net {

asio::awaitable<IoError> ReadBuffer::fill(Stream& from, BufferPool& buffers) {
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
  if (end_ == kCapacity) {
    std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const IoResult read = co_await from.read_some(block_.span().subspan(end_));
  end_ += read.n;
  co_return read.error;
}

}  // namespace chainmend::net
