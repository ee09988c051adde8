// RequestIds: makes the X-Request-Id of requests that bring none: 64 random bits, drawn once by
// each worker, and a count. Two workers, or two runs, will not draw the same bits. One per worker.
#pragma once

#include <charconv>
#include <cstdint>
#include <random>
#include <string>

namespace chainmend::session {

class RequestIds {
 public:
  // Writes the next one over `out`, whose memory is used again: "5f0c2b9a11d3e870-2a".
  void next(std::string& out) {
    char text[2 * 16 + 1];
    char* end = std::to_chars(text, text + sizeof text, worker_, 16).ptr;
    *end++ = '-';
    end = std::to_chars(end, text + sizeof text, ++count_, 16).ptr;
    out.assign(text, end);
  }

 private:
  std::uint64_t worker_ = std::uint64_t{std::random_device()()} << 32U | std::random_device()();
  std::uint64_t count_ = 0;
};

}  // namespace chainmend::session
