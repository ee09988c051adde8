#include "proxy/logs/line_buffer.h"

#include <utility>

#include "proxy/logs/line_writer.h"

namespace chainmend::logs {

LineBuffer::LineBuffer(Sink sink, Bounds bounds)
    : sink_(std::move(sink)), bounds_(bounds), thread_([this] { run(); }) {}

LineBuffer::~LineBuffer() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LineBuffer::append(std::string_view line) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (gathered_.text.size() + line.size() > bounds_.full) {
      dropped_ += gathered_.lines;
      gathered_.text.clear();
      gathered_.lines = 0;
    }
    const bool was_much = gathered_.text.size() >= bounds_.much;
    gathered_.text.append(line);
    ++gathered_.lines;
    wake = gathered_.lines == 1 || (!was_much && gathered_.text.size() >= bounds_.much);
  }
  if (wake) {
    wake_.notify_one();
  }
}

std::uint64_t LineBuffer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void LineBuffer::run() {
  block_signals();
  Batch writing;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopped_ || gathered_.lines > 0; });
    // By a point in time: with wait_for(), clang 19's link-time optimisation takes the milliseconds
    // to nanoseconds twice, and nothing is written for a day.
    const auto until = std::chrono::steady_clock::now() + bounds_.moment;
    wake_.wait_until(lock, until,
                     [this] { return stopped_ || gathered_.text.size() >= bounds_.much; });
    if (gathered_.lines == 0) {
      return;  // stopped
    }
    std::swap(gathered_, writing);
    lock.unlock();
    const bool written = sink_(writing.text);
    lock.lock();
    dropped_ += written ? 0 : writing.lines;
    writing.text.clear();
    writing.lines = 0;
  }
}

}  // namespace chainmend::logs
