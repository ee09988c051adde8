// Log: the human log on stderr, one line per event: `name key=value key="quoted value"`. Under
// journald a line starts with the sd-daemon(3) priority `<N>`, elsewhere with ISO 8601 UTC time and
// level. Process-lived; every member may be called from any thread. Lines are queued and written by
// a thread of the Log's own, so a stalled stderr never stops a caller: what no longer fits in the
// queue is dropped, oldest first, and counted. The destructor writes what is queued. Values are
// hostile: they are escaped and bounded (see escape.h), so no value can forge a line or a key.
// Names and keys are literals of ours. Secrets are never passed in.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/enums/names.h"

namespace chainmend::logs {

class LineWriter;

using Clock = std::function<std::chrono::system_clock::time_point()>;

enum class Level : std::uint8_t { debug, info, warn, error };
inline constexpr enums::Names<Level> kLevelNames{"debug", "info", "warn", "error"};
constexpr const char* to_string(Level level) { return kLevelNames[level]; }

// Field is one key=value of a line. It borrows text for the duration of the call.
class Field {
 public:
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, bool>;

  Field(std::string_view key, std::string_view text) : key_(key), value_(text) {}
  Field(std::string_view key, const std::string& text)
      : key_(key), value_(std::string_view(text)) {}
  Field(std::string_view key, const char* text) : key_(key), value_(std::string_view(text)) {}
  Field(std::string_view key, bool yes) : key_(key), value_(yes) {}
  template <std::signed_integral T>
  Field(std::string_view key, T number) : key_(key), value_(std::int64_t{number}) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Field(std::string_view key, T number) : key_(key), value_(std::uint64_t{number}) {}

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

class Log {
 public:
  enum class Style : std::uint8_t {
    automatic,  // journal when stderr is the journal's socket (JOURNAL_STREAM), else plain
    journal,
    plain,
  };
  struct Options {
    Level level = Level::info;
    Style style = Style::automatic;
    int descriptor = 2;  // borrowed; must stay open as long as the Log
    Clock clock = std::chrono::system_clock::now;
  };

  explicit Log(Options options);
  Log();  // all defaults
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(Level level) const noexcept {
    return level >= level_.load(std::memory_order_relaxed);
  }
  void set_level(Level level) noexcept { level_.store(level, std::memory_order_relaxed); }

  // Queues one line. A disabled level costs one load; guard with enabled() when a value is costly
  // to make. Usage: log.event(Level::warn, "upstream_failed", {{"upstream", name}, {"port",
  // port}});
  void event(Level level, std::string_view name, std::initializer_list<Field> fields = {}) {
    if (enabled(level)) {
      write(level, name, fields);
    }
  }

  // Lines lost since the start: the queue was full or the descriptor refused them.
  std::uint64_t dropped() const;

 private:
  void write(Level level, std::string_view name, std::initializer_list<Field> fields);

  std::atomic<Level> level_;
  bool journal_;
  Clock clock_;
  std::unique_ptr<LineWriter> writer_;
};

}  // namespace chainmend::logs
