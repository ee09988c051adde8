#include "proxy/logs/log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <iterator>
#include <type_traits>
#include <utility>

#include "proxy/logs/escape.h"
#include "proxy/logs/line_writer.h"
#include "proxy/logs/time_text.h"

namespace chainmend::logs {
namespace {

constexpr std::size_t kQueueLines = 1024;

// systemd.exec(5): JOURNAL_STREAM is "device:inode" of the journal's socket. Inherited by
// everything below, so it counts only when descriptor still is that socket.
bool is_journal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
  struct stat is{};
  return stream != nullptr && ::fstat(descriptor, &is) == 0 &&
         stream == fmt::format("{}:{}", is.st_dev, is.st_ino);
}

bool wants_journal(const Log::Options& options) {
  return options.style == Log::Style::journal ||
         (options.style == Log::Style::automatic && is_journal(options.descriptor));
}

std::string_view sd_priority(Level level) {  // syslog(3) severities
  switch (level) {
    case Level::debug:
      return "<7>";
    case Level::info:
      return "<6>";
    case Level::warn:
      return "<4>";
    case Level::error:
      return "<3>";
  }
  return "<3>";
}

void append_field(std::string& line, const Field& field) {
  line += ' ';
  line += field.key();
  line += '=';
  std::visit(
      [&line](auto value) {
        if constexpr (std::is_same_v<decltype(value), std::string_view>) {
          append_value(line, value);
        } else {
          fmt::format_to(std::back_inserter(line), "{}", value);
        }
      },
      field.value());
}

}  // namespace

Log::Log() : Log(Options{}) {}

Log::Log(Options options)
    : level_(options.level),
      journal_(wants_journal(options)),
      clock_(std::move(options.clock)),
      writer_(std::make_unique<LineWriter>(
          [descriptor = options.descriptor](std::string_view line) {
            return write_all(descriptor, line) == line.size();
          },
          kQueueLines)) {}

Log::~Log() = default;

std::uint64_t Log::dropped() const { return writer_->dropped(); }

void Log::write(Level level, std::string_view name, std::initializer_list<Field> fields) {
  std::string line;
  line.reserve(256);
  if (journal_) {
    line += sd_priority(level);
  } else {
    fmt::format_to(std::back_inserter(line), "{} {:<5} ", time_text(clock_()), to_string(level));
  }
  line += name;
  for (const Field& field : fields) {
    append_field(line, field);
  }
  line += '\n';
  writer_->post(line);
}

}  // namespace chainmend::logs
