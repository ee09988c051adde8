// The sections admin, process and logs.
#include <string>

#include <fmt/format.h>

#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

struct Threads {};

// A share of 0 to 1, written none, all or in percent.
struct Share {};

}  // namespace

static void read_value(const Cursor& at, unsigned& out, const Threads& /*how*/) {
  constexpr std::uint64_t kMost = 256;
  constexpr const char* kExpected = "auto or a number from 1 to 256";
  const auto text = at.scalar(
      {.expected = kExpected, .words = {"auto"}, .numbers = Range{1, kMost}, .range = "1 to 256"});
  if (!text) {
    return;
  }
  const auto number = parse_number(*text);
  if (*text == "auto") {
    out = 0;
  } else if (number && *number >= 1 && *number <= kMost) {
    out = static_cast<unsigned>(*number);
  } else {
    at.expected(kExpected);
  }
}

static std::string write_value(const Cursor& /*at*/, unsigned value, const Threads& /*how*/) {
  return value == 0 ? "auto" : std::to_string(value);
}

static void read_value(const Cursor& at, double& out, const Share& /*how*/) {
  constexpr const char* kExpected = "none, all or a share such as 1%";
  const auto text =
      at.scalar({.expected = kExpected, .pattern = "^[0-9.]+%$", .words = {"none", "all"}});
  if (!text) {
    return;
  }
  const auto percent =
      text->ends_with('%') ? parse_decimal(text->substr(0, text->size() - 1)) : std::nullopt;
  if (*text == "none" || *text == "all") {
    out = *text == "all" ? 1 : 0;
  } else if (percent && *percent <= 100) {
    out = *percent / 100;
  } else {
    at.expected(kExpected);
  }
}

static std::string write_value(const Cursor& /*at*/, double value, const Share& /*how*/) {
  return value == 0 ? "none" : value == 1 ? "all" : fmt::format("{}%", value * 100);
}

static void read_value(const Cursor& at, HandshakeLog& out) {
  MapReader map(at, "logs.handshakes");
  map.read({"file", "a file gets one line of JSON per failed handshake"}, out.file, OrOff{});
  map.read({"successes", "which of the others get one, too; or a share of them such as 1%"},
           out.successes, Share{});
  map.read({"hellos", "with the client's hello, to be said again by `chainmend measure --hellos`"},
           out.hellos);
}

void read_value(const Cursor& at, Admin& out) {
  if (at.is_off()) {
    out.listen.reset();
    return;
  }
  MapReader map(at, "admin");
  map.read({"listen", "where /metrics, /healthz, /readyz and /status are; off: nowhere"},
           out.listen, OrOff{});
  map.read({"hosts",
            "names by which its pages may be asked for, beside addresses and localhost: a web site "
            "must not reach them through a browser by a name of its own"},
           out.hosts, MayBeEmpty{}, HostPattern{});
  map.read({"token_file",
            "a file whose first line is a token (16 characters or more); who is not on this "
            "machine has to say it (Authorization: Bearer) for all but /healthz and /readyz, and "
            "without one can read and not change"},
           out.token_file, OrOff{}, InputFile{});
}

void read_value(const Cursor& at, Process& out) {
  MapReader map(at, "process");
  map.read({"threads", "workers; auto: one per processor"}, out.threads, Threads{});
  map.read({"max_connections", "more are closed at once"}, out.max_connections,
           Count{1, 10'000'000});
  map.read({"drain", "how long a stop waits for open connections"}, out.drain, Milliseconds(0));
}

void read_value(const Cursor& at, Logs& out) {
  MapReader map(at, "logs");
  map.read({"level", "what is less than this is left out of the log"}, out.level);
  map.read({"handshakes", "a log of handshakes, for programs"}, out.handshakes);
}

}  // namespace chainmend::config
