#include "proxy/session/linger.h"

namespace chainmend::session {

using net::IoError;

net::Task<void> linger(Connection& connection) {
  connection.deadline.expires_after(std::chrono::seconds(2));
  const IoError said = co_await connection.client.finish_writing();
  if (said == IoError::none) {
    co_await connection.client.discard_all();
  }
  connection.deadline.clear();
}

}  // namespace chainmend::session
