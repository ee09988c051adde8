// PROXY headers of a stranger, either version. What is understood must come out again as a header
// of the same meaning and within the lengths of the protocol.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "proxy/net/proxy_protocol.h"

namespace net = chainmend::net;

namespace {

constexpr std::size_t kSignature = 12;
constexpr std::size_t kBeforeAddresses = kSignature + 4;

std::optional<net::ProxyHeader> parse(std::string_view bytes) {
  if (bytes.starts_with("PROXY ")) {
    const std::size_t end = bytes.find("\r\n");
    return end == std::string_view::npos ? std::nullopt
                                         : net::parse_proxy_line(bytes.substr(0, end));
  }
  if (bytes.size() < kBeforeAddresses) {
    return std::nullopt;
  }
  const std::span all(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return net::parse_proxy_block(all[kSignature], all[kSignature + 1],
                                all.subspan(kBeforeAddresses));
}

std::string written(net::ProxyVersion version, const net::ProxyHeader::Addresses& addresses) {
  std::string out;
  net::append_proxy_header(version, addresses, out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = parse({reinterpret_cast<const char*>(data), size});
  if (!header || !header->addresses) {
    return 0;
  }
  for (const net::ProxyVersion version : {net::ProxyVersion::v1, net::ProxyVersion::v2}) {
    const std::string once = written(version, *header->addresses);
    const auto again = parse(once);
    if (once.size() > 107 || !again || !again->addresses ||
        written(version, *again->addresses) != once) {
      std::abort();
    }
  }
  return 0;
}
