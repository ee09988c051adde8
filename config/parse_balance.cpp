// Of an upstream: balance, queue, persistence and eject: which of its servers gets what.
#include <algorithm>
#include <string_view>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {
namespace {

struct CookieName {};  // a token (RFC 6265 4.1.1), or none

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

}  // namespace

static void read_value(const Cursor& at, std::string& out, const CookieName& /*how*/) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kExpected = "the name of a cookie, such as server";
  const auto text =
      at.scalar({.expected = std::string(kExpected), .pattern = "^[!#-'*+.^-z|~A-Z0-9-]{1,64}$"});
  if (!text) {
    return;
  }
  if (text->empty() || text->size() > kLongest || !is_token(*text)) {
    at.expected(kExpected);
  }
  out = *text;
}

void read_value(const Cursor& at, Balance& out) {
  MapReader map(at, "balance");
  map.read({"method",
            "least_connections: of two taken by chance the one with fewer in use for its weight; "
            "source: by the client's address, unless that server has too much"},
           out.method);
  map.read({"per",
            "what is given to a server: a client's connection with all that it asks, or "
            "each request that is free to go anywhere"},
           out.per);
  map.read(
      {"min_in_priority", "servers that must be there, or the next lower priority is used as well"},
      out.min_in_priority, Count{1, kMostServers});
  map.read({"slow_start", "a server that comes back gets its share little by little"},
           out.slow_start, OrOff{});
}

void read_value(const Cursor& at, Queue& out) {
  MapReader map(at, "queue");
  map.read({"length", "requests that wait at most"}, out.length, Count{0, 1'000'000});
  map.read({"timeout", "how long one waits; then 503"}, out.timeout);
}

void read_value(const Cursor& at, Persistence& out) {
  MapReader map(at, "persistence");
  map.require({"by", "a cookie of ours, or the client's address", "cookie"}, out.by);
  map.read({"name", "of the cookie; without it chainmend- and the name of the upstream", "server"},
           out.name, CookieName{});
  map.read({"key_file",
            "what the cookie is signed with, 32 bytes or more; without it a key that "
            "lasts until the next start",
            "cookie.key"},
           out.key_file, InputFile{});
  map.read({"max_age", "of the cookie; off: until the browser is closed"}, out.max_age, OrOff{});
  map.read({.name = "timeout",
            .words = "by source: forgotten so long after the last new connection",
            .instead_of = "name"},
           out.timeout);
  map.read({.name = "entries",
            .words = "by source: addresses that are remembered",
            .instead_of = "key_file"},
           out.entries, Count{1024, 4'194'304});
  const bool cookie = out.by == PersistBy::cookie;
  for (const std::string_view key : {"name", "key_file", "max_age"}) {
    if (!cookie && map.has(key)) {
      at.error(quote(key) + " is of \"by: cookie\": leave it out, or change \"by\"");
    }
  }
  for (const std::string_view key : {"timeout", "entries"}) {
    if (cookie && map.has(key)) {
      at.error(
          quote(key) +
          " is of \"by: source\" and does not go with \"name\" or \"key_file\": leave it out, or "
          "change \"by\"");
    }
  }
}

void read_value(const Cursor& at, Eject& out) {
  MapReader map(at, "eject");
  map.read({"failures", "in a row: no connection, no handshake, no answer"}, out.failures,
           Count{1, 1000});
  map.read({"base", "how long the first time; each next time twice as long"}, out.base);
  map.read({"longest", "but no longer than this"}, out.longest);
  map.read({"at_most", "of the servers at a time; never all of them"}, out.at_most,
           Percent{1, 100});
  if (out.longest < out.base) {
    at.error("\"longest\" is shorter than \"base\"");
  }
}

}  // namespace chainmend::config
