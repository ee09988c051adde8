// LineBuffer: lines from any thread to one sink, many at a time, on a thread of its own: what has
// gathered is written when it is much, or after a moment. Handing over a line is a copy, and wakes
// nobody but for the first of each batch; it never waits for the sink. When the buffer is full,
// what is in it is dropped and counted.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace chainmend::logs {

class LineBuffer {
 public:
  // Writes whole lines and says whether that worked. Called on the buffer's thread only; must not
  // throw.
  using Sink = std::function<bool(std::string_view lines)>;
  struct Bounds {
    std::size_t full = std::size_t{4} * 1024 * 1024;  // bytes
    std::size_t much = std::size_t{64} * 1024;
    std::chrono::milliseconds moment{100};
  };

  explicit LineBuffer(Sink sink) : LineBuffer(std::move(sink), Bounds()) {}
  LineBuffer(Sink sink, Bounds bounds);
  ~LineBuffer();  // writes what has gathered
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;

  void append(std::string_view line);  // with its end
  std::uint64_t dropped() const;       // for want of room, or refused by the sink

 private:
  struct Batch {
    std::string text;
    std::uint64_t lines = 0;
  };
  void run();

  const Sink sink_;
  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // All guarded by mutex_.
  Batch gathered_;
  std::uint64_t dropped_ = 0;
  bool stopped_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace chainmend::logs
