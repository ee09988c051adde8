// The section limits.
#include <algorithm>
#include <string>

#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {

std::size_t Portion::of(std::size_t whole) const {
  return count != 0 || percent == 0 ? count : std::max<std::size_t>(1, whole * percent / 100);
}

static void read_value(const Cursor& at, Portion& out) {
  constexpr std::uint64_t kMost = 10'000'000;
  constexpr const char* kExpected = "a number, a share such as 25%, or off";
  const auto text = at.scalar({.expected = kExpected,
                               .pattern = "^[0-9]+%$",
                               .words = {"off"},
                               .numbers = Range{1, kMost},
                               .range = "1 to 10000000, 1% to 100%"});
  if (!text) {
    return;
  }
  const bool share = text->ends_with('%');
  const auto number = parse_number(share ? text->substr(0, text->size() - 1) : *text);
  if (at.is_off()) {
    out = {};
  } else if (!number || *number == 0 || *number > (share ? 100 : kMost)) {
    at.expected(kExpected);
  } else if (share) {
    out = {.percent = static_cast<unsigned>(*number)};
  } else {
    out = {.count = *number};
  }
}

static std::string write_value(const Cursor& /*at*/, const Portion& value) {
  return value.count != 0     ? std::to_string(value.count)
         : value.percent != 0 ? std::to_string(value.percent) + "%"
                              : "off";
}

void read_value(const Cursor& at, Limits& out) {
  MapReader map(at, "limits");
  map.read({"per_source",
            "open connections of one source, or a share of process.max_connections. A source that "
            "has them loses its longest idle one for a new one"},
           out.per_source);
  map.read({"new_per_second", "new connections of one source, on average"}, out.new_per_second,
           OrOff{}, Count{1, 1'000'000});
  map.read({"burst", "how many of them may come at once"}, out.burst, Count{1, 1'000'000});
  map.read({"handshakes", "TLS handshakes under way, of all clients together"}, out.handshakes);
  map.read({"ipv4_prefix", "bits of an IPv4 address that make a source"}, out.ipv4_prefix,
           Count{8, 32});
  map.read({"ipv6_prefix", "the same of IPv6"}, out.ipv6_prefix, Count{16, 128});
  map.read({"exempt",
            "networks that per_source and new_per_second do not hold for: a branch whose phones "
            "come from one address. The trusted_sources of a listener need not be named",
            "[192.0.2.7]"},
           out.exempt, MayBeEmpty{});
}

}  // namespace chainmend::config
