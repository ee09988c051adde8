#include "proxy/tls/server_flight.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "proxy/clients/byte_reader.h"
#include "proxy/clients/client_hello.h"

namespace chainmend::tls {
namespace {

using certs::ByteView;
using clients::ByteReader;

constexpr std::uint16_t kAlpn = 16;
constexpr std::uint16_t kPreSharedKey = 41;
constexpr std::uint16_t kSupportedVersions = 43;
constexpr std::uint16_t kKeyShare = 51;
constexpr std::uint8_t kNamedCurve = 3;

// The random of a ServerHello that is a HelloRetryRequest (RFC 8446 4.1.3).
constexpr std::array<std::uint8_t, 32> kRetry = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

void read_extension(std::uint16_t type, ByteReader body, ServerHello& hello) {
  if (type == kSupportedVersions) {
    hello.version = body.u16();
  } else if (type == kPreSharedKey) {
    hello.resumed = true;
  } else if (type == kKeyShare) {
    hello.group = body.u16();
  } else if (type == kAlpn) {
    ByteReader protocols(body.vector16());
    const ByteView first = protocols.vector8();
    hello.alpn.assign(first.begin(), first.end());
  }
}

std::size_t bits_of(ByteView number) {
  while (!number.empty() && number.front() == 0) {
    number = number.subspan(1);
  }
  return number.empty() ? 0 : 8 * (number.size() - 1) + std::bit_width(unsigned{number.front()});
}

}  // namespace

bool ServerHello::has_extension(std::uint16_t type) const {
  return std::ranges::find(extensions, type) != extensions.end();
}

std::optional<ServerHello> read_server_hello(ByteView body) {
  ByteReader message(body);
  ServerHello hello;
  hello.version = message.u16();
  hello.retry = std::ranges::equal(message.take(kRetry.size()), kRetry);
  hello.session_id_size = message.vector8().size();
  hello.suite = message.u16();
  hello.compression = message.u8();
  for (ByteReader extensions(message.empty() ? ByteView() : message.vector16());
       !extensions.empty();) {
    const std::uint16_t type = extensions.u16();
    const ByteView extension = extensions.vector16();
    if (!extensions.ok()) {
      return std::nullopt;
    }
    hello.extensions.push_back(type);
    read_extension(type, ByteReader(extension), hello);
  }
  if (!message.finished()) {
    return std::nullopt;
  }
  return hello;
}

ServerList read_certificate_list(ByteView body) {
  ByteReader message(body);
  ByteReader list(message.vector24());
  ServerList out;
  while (!list.empty() && list.ok()) {
    const ByteView der = list.vector24();
    if (out.certificates.size() == ServerList::kMaxCertificates) {
      return {ServerList::State::too_long, {}};
    }
    out.certificates.emplace_back(der.begin(), der.end());
  }
  const bool whole = message.finished() && list.ok() && !out.certificates.empty();
  return whole ? ServerList{ServerList::State::whole, std::move(out.certificates)}
               : ServerList{ServerList::State::malformed, {}};
}

std::optional<KeyExchange> read_server_key_exchange(ByteView body, bool elliptic) {
  ByteReader message(body);
  KeyExchange exchange;
  if (elliptic) {
    exchange.group = message.u8() == kNamedCurve ? message.u16() : std::uint16_t{0};
  } else {
    exchange.dh_bits = bits_of(message.vector16());
  }
  if (!message.ok()) {
    return std::nullopt;
  }
  return exchange;
}

std::optional<CertificateRequest> read_certificate_request(ByteView body, std::uint16_t version) {
  ByteReader message(body);
  CertificateRequest request;
  const ByteView types = message.vector8();
  request.types.assign(types.begin(), types.end());
  if (version == clients::kTls12) {
    for (ByteReader algorithms(message.vector16()); !algorithms.empty() && algorithms.ok();) {
      request.signature_algorithms.push_back(algorithms.u16());
    }
  }
  const ByteView names = message.vector16();
  request.names_size = names.size();
  ByteReader list(names);
  while (!list.empty() && list.ok()) {
    const ByteView name = list.vector16();
    ++request.name_count;
    if (request.names.size() < CertificateRequest::kMaxNames) {
      request.names.emplace_back(name.begin(), name.end());
    }
  }
  if (!message.finished() || !list.ok()) {
    return std::nullopt;
  }
  return request;
}

}  // namespace chainmend::tls
