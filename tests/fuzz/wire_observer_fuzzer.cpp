// The observer of a handshake between others on what two strangers say: it must neither crash nor
// hold more than it may, and how the bytes were cut into pieces must not change what it saw. Input:
// pieces, each behind two bytes that say whose it is (the top bit: the server's) and how long.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "proxy/clients/byte_reader.h"
#include "proxy/tls/wire_observer.h"

namespace {

using chainmend::certs::ByteView;
using chainmend::tls::HandshakeTrace;
using chainmend::tls::ServerList;
using chainmend::tls::WireObserver;

void observe(WireObserver& observer, ByteView input, std::size_t most) {
  chainmend::clients::ByteReader reader(input);
  while (!reader.empty()) {
    const std::uint16_t head = reader.u16();
    ByteView piece = reader.take(head & 0x7fffU);
    while (!piece.empty()) {
      const ByteView part = piece.first(std::min(piece.size(), most));
      if ((head & 0x8000U) != 0) {
        observer.from_server(part);
      } else {
        observer.from_client(part);
      }
      piece = piece.subspan(part.size());
    }
  }
}

void demand(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const ByteView input(data + 1, size - 1);
  WireObserver whole{{}};
  observe(whole, input, SIZE_MAX);
  WireObserver cut{{}};
  observe(cut, input, 1 + data[0] % 7U);

  std::size_t held = 0;
  for (const auto& der : whole.server_list().certificates) {
    held += der.size();
  }
  demand(held <= size && whole.server_list().certificates.size() <= ServerList::kMaxCertificates);
  const HandshakeTrace& a = whole.trace();
  const HandshakeTrace& b = cut.trace();
  if (a.flight == chainmend::clients::FlightKind::hello) {
    demand(b.flight == a.flight && b.stage == a.stage && b.completed == a.completed &&
           b.resumed == a.resumed && b.version == a.version && b.alert_sent == a.alert_sent &&
           b.alert_received == a.alert_received && b.server_failed == a.server_failed &&
           (b.application_bytes > 0) == (a.application_bytes > 0));
    demand(cut.server_list().certificates == whole.server_list().certificates &&
           cut.server_list().state == whole.server_list().state);
  }
  return 0;
}
