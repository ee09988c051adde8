// The sections admin, process and logs.
#include <string_view>

#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

void read_threads(const Cursor& at, unsigned& out) {
  constexpr std::uint64_t kMost = 256;
  constexpr std::string_view kExpected = "auto or a number from 1 to 256";
  const auto text = at.scalar(kExpected);
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

// none, all, or a share in percent.
void read_share(const Cursor& at, double& out) {
  constexpr std::string_view kExpected = "none, all or a share such as 1%";
  const auto text = at.scalar(kExpected);
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

}  // namespace

static void read_value(const Cursor& at, HandshakeLog& out) {
  MapReader map(at, "logs.handshakes");
  map.read("file", out.file, OrOff{});
  if (const auto successes = map.take("successes")) {
    read_share(*successes, out.successes);
  }
}

void read_value(const Cursor& at, Admin& out) {
  if (is_off(at)) {
    out.listen.reset();
    return;
  }
  MapReader map(at, "admin");
  map.read("listen", out.listen, OrOff{});
}

void read_value(const Cursor& at, Process& out) {
  MapReader map(at, "process");
  if (const auto threads = map.take("threads")) {
    read_threads(*threads, out.threads);
  }
  map.read("max_connections", out.max_connections, Count{1, 10'000'000});
  map.read("drain", out.drain, Milliseconds(0));
}

void read_value(const Cursor& at, Logs& out) {
  MapReader map(at, "logs");
  map.read("level", out.level);
  map.read("handshakes", out.handshakes);
}

}  // namespace chainmend::config
