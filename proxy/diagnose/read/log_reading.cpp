#include "proxy/diagnose/read/log_reading.h"

#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/input.h"
#include "proxy/diagnose/read/lines.h"

namespace chainmend::diagnose {

namespace {

// What looks like text and is none: the reader would find nothing in it and say so of no reason.
const char* not_text(std::string_view begin) {
  if (begin.starts_with("ElfFile")) {
    return "an event log in Windows' own form: save it as XML, or wevtutil qe FILE /lf:true /f:xml";
  }
  if (begin.starts_with("PK\x03\x04")) {
    return "a ZIP archive: unpack it first";
  }
  if (begin.starts_with("\x1F\x8B")) {
    return "packed twice: unpack it first";
  }
  return nullptr;
}

}  // namespace

FileReport LogReading::read(const std::string& path) {
  FileReport report;
  report.name = path;
  auto input = Input::open(path);
  if (!input) {
    report.failure = input.error().describe();
    return report;
  }
  Decoder decoder;
  std::optional<Lines> lines;
  std::unique_ptr<LineReader> reader;
  const auto visit = [&reader](std::string_view line, std::uint64_t number) {
    reader->line(line, number);
  };
  while (!stop_) {
    const auto block = input->read();
    if (!block) {
      report.failure = block.error().describe();
      break;
    }
    if (block->empty()) {
      break;
    }
    const std::string_view text = decoder.decode(*block);
    if (reader == nullptr) {
      if (const char* const what = not_text(text)) {
        report.failure = what;
        break;
      }
      report.kind = kind_ ? *kind_ : kind_of(text);
      reader = make_reader(*report.kind, tally_, now_);
      lines.emplace(*report.kind == LogKind::events_xml ? '>' : '\n');
    }
    lines->feed(text, visit);
  }
  if (reader != nullptr) {
    lines->finish(visit);
    reader->finish();
    report.bad = reader->bad();
    report.lines = lines->count();
    report.cut = lines->cut();
  }
  return report;
}

}  // namespace chainmend::diagnose
