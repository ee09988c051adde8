#include "proxy/session/linger.h"

namespace chainmend::session {

namespace asio = boost::asio;
using net::IoError;

asio::awaitable<void> linger(Connection& connection) {
  connection.deadline.expires_after(std::chrono::seconds(2));
  const IoError said = co_await connection.client.finish_writing();
  net::BufferPool::Block block;
  while (said == IoError::none && !connection.deadline.expired()) {
    const net::IoResult read =
        co_await connection.client.read_some(connection.worker.loop.buffers, block);
    if (read.error != IoError::none) {
      break;
    }
  }
  connection.deadline.clear();
}

}  // namespace chainmend::session
