// LineWriter: lines from any thread to one sink, on a thread of its own, over a bounded queue
// (spdlog's). post() never waits for the sink: when the queue is full the oldest line is dropped
// and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace chainmend::logs {

class LineWriter {
 public:
  // Writes one line and says whether that worked. Called on the writer's thread only; must not
  // throw.
  using Sink = std::function<bool(std::string_view line)>;

  LineWriter(Sink sink, std::size_t queue_lines);
  ~LineWriter();  // writes what is queued
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void post(std::string_view line);
  std::uint64_t dropped() const;  // overrun, or refused by the sink

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Of a thread that writes: signals are for the main thread. SIGPIPE and SIGXFSZ show as the errno
// of write().
void block_signals();

// Writes bytes to descriptor, waiting as long as that takes. How many were written: less than all
// means that errno says why.
std::size_t write_all(int descriptor, std::string_view bytes);

}  // namespace chainmend::logs
