// The readers of a server's messages on what strangers say: each body must be read without a crash,
// and nothing may be kept that was not there. Input: one byte that says which message, then its
// body.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "proxy/tls/server_flight.h"

namespace {

void demand(bool holds) {
  if (!holds) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chainmend::tls;
  if (size == 0) {
    return 0;
  }
  const chainmend::certs::ByteView body(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto hello = read_server_hello(body)) {
        demand(hello->extensions.size() <= size / 4 && hello->alpn.size() <= size);
      }
      break;
    case 1: {
      const ServerList list = read_certificate_list(body);
      demand(list.state != ServerList::State::unseen &&
             (list.state == ServerList::State::whole) == !list.certificates.empty());
      break;
    }
    case 2:
      (void)read_server_key_exchange(body, true);
      break;
    case 3:
      if (const auto exchange = read_server_key_exchange(body, false)) {
        demand(exchange->dh_bits <= 8 * size);
      }
      break;
    default:
      if (const auto request = read_certificate_request(body, 0x0303)) {
        demand(request->names.size() <= CertificateRequest::kMaxNames &&
               request->names.size() <= request->name_count && request->names_size <= size);
      }
  }
  return 0;
}
