// A log of any kind, as `chainmend explain` reads it: must neither crash nor hang, must find the
// same in blocks of any size, and whatever it shows of the log must be fit for a terminal.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/line_reader.h"
#include "proxy/diagnose/read/lines.h"
#include "proxy/diagnose/read/log_causes.h"

namespace {

using namespace chainmend::diagnose;

std::uint64_t read(std::string_view bytes, std::size_t block, LogKind kind) {
  Tally tally;
  Decoder decoder;
  Lines lines(kind == LogKind::events_xml ? '>' : '\n');
  const auto reader = make_reader(kind, tally, chainmend::certs::Time{});
  const auto visit = [&](std::string_view line, std::uint64_t number) {
    reader->line(line, number);
  };
  while (!bytes.empty()) {
    lines.feed(decoder.decode(bytes.substr(0, block)), visit);
    bytes.remove_prefix(std::min(block, bytes.size()));
  }
  lines.finish(visit);
  reader->finish();
  for (const LogCause& cause : causes_of(tally)) {
    for (const FailureGroup* const group : cause.groups) {
      for (const std::string& text : {shown_text(group->client), shown_text(group->path)}) {
        const bool is_fit = std::ranges::none_of(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
        if (!is_fit || group->client.size() > Tally::kMaxText ||
            group->path.size() > Tally::kMaxText) {
          std::abort();
        }
      }
    }
  }
  return tally.count() * 1'000'003 + reader->bad().count * 1009 + lines.count();
}

}  // namespace

// The first byte chooses the kind and the size of the blocks, all others are the log.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const auto kind = static_cast<LogKind>(data[0] % 4);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_utf16 = bytes.size() > 1 && (bytes[0] == '\xFF' || bytes[0] == '\xFE');
  const std::uint64_t whole = read(bytes, bytes.size(), kind);
  // The first block decides the encoding, so blocks of one size compare only where it is plain.
  const std::size_t block = 64 + data[0] / 4;
  if (!is_utf16 && bytes.substr(0, 64).find('\0') == std::string_view::npos &&
      read(bytes, block, kind) != whole) {
    std::abort();
  }
  return 0;
}
