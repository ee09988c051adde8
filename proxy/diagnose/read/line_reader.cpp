#include "proxy/diagnose/read/line_reader.h"

#include "proxy/diagnose/read/event_reader.h"
#include "proxy/diagnose/read/handshake_reader.h"
#include "proxy/diagnose/read/text_reader.h"
#include "proxy/diagnose/read/w3c_reader.h"

namespace chainmend::diagnose {

void BadLines::add(std::uint64_t number, std::string_view line) {
  constexpr std::size_t kShown = 120;
  if (count++ == 0) {
    first = number;
    first_text = line.substr(0, kShown);
  }
}

std::unique_ptr<LineReader> make_reader(LogKind kind, Tally& tally, certs::Time now) {
  switch (kind) {
    case LogKind::w3c:
      return std::make_unique<W3cReader>(tally);
    case LogKind::handshakes:
      return std::make_unique<HandshakeReader>(tally);
    case LogKind::events_xml:
      return std::make_unique<EventReader>(tally, now);
    case LogKind::text:
      break;
  }
  return std::make_unique<TextReader>(tally, now);
}

}  // namespace chainmend::diagnose
