// RecordedHellos: the hellos of real clients, from a handshake log that was written with
// `logs.handshakes.hellos: true`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "proxy/clients/client_hello.h"

namespace chainmend::diagnose {

struct RecordedHello {
  std::string client_type;          // as the log names it; without that, as our own rules do
  std::vector<std::uint8_t> bytes;  // as on the wire; random and session id are blank
  clients::ClientHello hello;       // what they say
};

struct RecordedHellos {
  // More than these are counted and left out.
  static constexpr std::size_t kMost = 100'000;
  static constexpr std::size_t kMostBytes = std::size_t{64} * 1024 * 1024;  // of all of them

  std::vector<RecordedHello> hellos;
  std::size_t lines = 0;          // with something in them
  std::size_t without_hello = 0;  // handshakes that were logged without one
  std::size_t bad = 0;            // lines that are no handshake of such a log
  std::string first_bad;          // what the first of them is: "line 3: not JSON"
  std::size_t left_out = 0;       // hellos over the limits
};

// Reads to the end. Lines over Lines::kMaxLine are cut, and so bad ones.
RecordedHellos read_recorded_hellos(std::istream& log);

}  // namespace chainmend::diagnose
