// LineReader: what reads the lines of one file and tells a Tally. One for each file; the lines come
// in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/diagnose/read/log_kind.h"
#include "proxy/diagnose/read/tally.h"

namespace chainmend::diagnose {

// Lines that a reader could not read; they end nothing.
struct BadLines {
  std::uint64_t count = 0;
  std::uint64_t first = 0;  // its number
  std::string first_text;   // its beginning
  void add(std::uint64_t number, std::string_view line);
};

class LineReader {
 public:
  virtual ~LineReader() = default;
  virtual void line(std::string_view line, std::uint64_t number) = 0;
  virtual void finish() {}  // nothing comes any more

  const BadLines& bad() const { return bad_; }

 protected:
  explicit LineReader(Tally& tally) : tally_(tally) {}
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  Tally& tally_;
  BadLines bad_;
};

// now: gives a year to times that have none. The tally must outlive the reader.
std::unique_ptr<LineReader> make_reader(LogKind kind, Tally& tally, certs::Time now);

}  // namespace chainmend::diagnose
