// The sections admin, process and reload.
#include <string>

#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

struct Threads {};

// A user of this system; whether there is one is asked when it is needed.
struct UserName {};

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

static void read_value(const Cursor& at, std::string& out, const UserName& /*how*/) {
  constexpr const char* kExpected = "the name of a user such as chainmend";
  constexpr const char* kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  const auto text = at.scalar({.expected = kExpected, .pattern = "^[A-Za-z_][A-Za-z0-9_.-]*$"});
  if (!text) {
    return;
  }
  const bool begins = !text->empty() && std::string_view("0123456789.-").find(text->front()) ==
                                            std::string_view::npos;
  if (begins && text->find_first_not_of(kLetters) == std::string_view::npos) {
    out = *text;
  } else {
    at.expected(kExpected);
  }
}

void read_value(const Cursor& at, Admin& out) {
  if (at.is_off()) {
    out.listen.reset();
    return;
  }
  MapReader map(at, "admin");
  map.read({"listen",
            "where the status page, /metrics, /healthz, /readyz and /status are; off: nowhere"},
           out.listen, OrOff{});
  map.read({"hosts",
            "names by which its pages may be asked for, beside addresses and localhost: a web site "
            "must not reach them through a browser by a name of its own"},
           out.hosts, MayBeEmpty{}, HostPattern{});
  map.read({"token_file",
            "a file whose first line is a token (16 characters or more); who is not on this "
            "machine has to say it (Authorization: Bearer) for all but /healthz and /readyz, and "
            "without one can read and not change; a browser has to say it for changes, also here"},
           out.token_file, OrOff{}, InputFile{});
}

void read_value(const Cursor& at, Process& out) {
  MapReader map(at, "process");
  map.read({"threads", "workers; auto: one per processor"}, out.threads, Threads{});
  map.read({"max_connections", "more are turned away, unless an idle one can be closed instead"},
           out.max_connections, Count{1, 10'000'000});
  map.read({"shutdown_delay",
            "how long a stop goes on to accept while /readyz already answers 503, so that "
            "balancers send nobody any more"},
           out.shutdown_delay, Milliseconds(0));
  map.read({"drain", "how long a stop waits for open connections"}, out.drain, Milliseconds(0));
  map.read({"user",
            "whom a process that root starts becomes before it opens anything but this file; of "
            "root's powers it keeps that to bind ports below 1024, if a listener has one",
            "chainmend"},
           out.user, UserName{});
}

void read_value(const Cursor& at, ReloadRules& out) {
  MapReader map(at, "reload");
  map.read({"watch",
            "take certificates, keys, passwords, bundles and roots anew when their files change, "
            "without SIGHUP; the configuration itself waits for one"},
           out.watch);
  map.read({"settle", "with no further change, so that no pair is taken half written"}, out.settle);
}

}  // namespace chainmend::config
