#include "proxy/upstream/waiting_line.h"

#include <boost/asio/post.hpp>

namespace chainmend::upstream {

// Shared with the call that is on its way to the loop of who waits.
struct WaitingLine::Node {
  explicit Node(net::Loop& its_loop) : loop(its_loop), timer(its_loop.io) {}
  net::Loop& loop;
  net::Timer timer;      // of that loop's thread
  bool in_line = false;  // guarded by the line's mutex
  bool called = false;   // likewise
};

// The call is posted under the lock: as long as a place is in line, its loop is there.
void WaitingLine::call_first() {
  const std::scoped_lock lock(mutex_);
  if (line_.empty()) {
    return;
  }
  const std::shared_ptr<Node> node = line_.front();
  line_.pop_front();
  size_.store(line_.size());
  node->in_line = false;
  node->called = true;
  // Also when the wait has not begun yet: it then ends at once.
  boost::asio::post(node->loop.io,
                    [node] { node->timer.expires_at(net::Clock::time_point::min()); });
}

void WaitingLine::call_all() {
  for (std::size_t i = size(); i > 0; --i) {
    call_first();
  }
}

WaitingLine::Place::Place(WaitingLine& line, net::Loop& loop, std::size_t most, bool again)
    : line_(line) {
  auto node = std::make_shared<Node>(loop);
  const std::scoped_lock lock(line_.mutex_);
  if (line_.line_.size() < most || again) {
    line_.line_.insert(again ? line_.line_.begin() : line_.line_.end(), node);
    line_.size_.store(line_.line_.size());
    node->in_line = true;
    node_ = std::move(node);
  }
}

WaitingLine::Place::~Place() {
  if (leave()) {
    line_.call_next();
  }
}

net::Task<void> WaitingLine::Place::wait(net::Clock::time_point until) {
  if (node_->timer.expiry() != net::Clock::time_point::min()) {
    node_->timer.expires_at(until);
  }
  co_await node_->timer.async_wait(net::kAsTuple);
}

void WaitingLine::Place::give_up() { node_->timer.cancel(); }

bool WaitingLine::Place::leave() {
  if (node_ == nullptr) {
    return false;
  }
  const std::scoped_lock lock(line_.mutex_);
  if (node_->in_line) {
    line_.line_.remove(node_);
    line_.size_.store(line_.line_.size());
  }
  const bool called = node_->called;
  node_ = nullptr;
  return called;
}

}  // namespace chainmend::upstream
