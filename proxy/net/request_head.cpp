#include "proxy/net/request_head.h"

#include "proxy/http/codec1.h"
#include "proxy/http/head_scanner.h"

namespace chainmend::net {

Task<bool> read_request_head(Stream& client, ReadBuffer& received, BufferPool& buffers,
                             http::RequestHead& head) {
  http::HeadScanner scanner(http::HeadKind::request);
  for (;;) {
    const http::Scan scan = scanner.scan(received.bytes());
    if (scan.state == http::Scan::State::complete) {
      const auto parsed =
          http::parse_request(received.bytes().substr(0, scan.bytes), http::HeadLimits{}, head);
      received.consume(scan.bytes);
      co_return parsed.has_value();
    }
    if (scan.state == http::Scan::State::bad || received.full()) {
      co_return false;
    }
    const IoError error = co_await received.fill(client, buffers);
    if (error != IoError::none) {
      co_return false;
    }
  }
}

}  // namespace chainmend::net
