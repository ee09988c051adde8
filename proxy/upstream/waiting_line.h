// WaitingLine: the requests of all workers that wait for a connection to one of an upstream's
// servers, first come, first served. It is locked only when somebody waits: who gives a connection
// back looks at a counter first.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "proxy/net/deadline.h"
#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace chainmend::upstream {

class WaitingLine {
 public:
  class Place;

  WaitingLine() = default;
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  // One has become free. From any thread.
  void call_next() {
    if (size() > 0) {
      call_first();
    }
  }
  // All of them may try. From any thread.
  void call_all();
  // Sequentially consistent, as are the counts of connections in use: either who gives one back
  // sees who waits, or who waits sees what was given back.
  std::size_t size() const { return size_.load(); }

 private:
  struct Node;

  void call_first();

  std::atomic<std::size_t> size_{0};
  std::mutex mutex_;
  std::list<std::shared_ptr<Node>> line_;  // guarded by mutex_
};

// A place in the line, from the constructor to the destructor; both must outlive it. Lives on one
// loop's thread. A call that nobody made use of goes to the next.
class WaitingLine::Place {
 public:
  // again: it was called before and found nothing, so that it goes to the front.
  Place(WaitingLine& line, net::Loop& loop, std::size_t most, bool again);
  ~Place();
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  // False: there are `most` already.
  bool given() const { return node_ != nullptr; }
  // Waits for the call. What may have become free before the place was there is looked for first.
  net::Task<void> wait(net::Clock::time_point until);
  // Ends the wait before its time. On the thread of the loop.
  void give_up();
  // Leaves the line; true when it was called.
  bool leave();

 private:
  WaitingLine& line_;
  std::shared_ptr<Node> node_;
};

}  // namespace chainmend::upstream
