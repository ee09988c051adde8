// HandshakeReader: chainmend's own handshake log, one JSON object a line (proxy/logs).
#pragma once

#include "proxy/diagnose/read/line_reader.h"

namespace chainmend::diagnose {

class HandshakeReader : public LineReader {
 public:
  explicit HandshakeReader(Tally& tally) : LineReader(tally) {}
  void line(std::string_view line, std::uint64_t number) override;
};

}  // namespace chainmend::diagnose
