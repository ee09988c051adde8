#include "proxy/clients/client_hello.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "proxy/clients/byte_reader.h"

namespace chainmend::clients {
namespace {

constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMaxRecord = 16384;  // RFC 8446 5.1, plaintext
constexpr std::size_t kMessageHeader = 4;
constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::size_t kMaxAlpnNames = 32;  // kept; each costs a string

std::vector<std::uint16_t> u16_list(ByteView bytes) {
  std::vector<std::uint16_t> list;
  list.reserve(bytes.size() / 2);
  for (ByteReader reader(bytes); !reader.empty();) {
    const std::uint16_t value = reader.u16();
    if (reader.ok()) {
      list.push_back(value);
    }
  }
  return list;
}

// Strangers choose these bytes, and logs and labels show them.
std::string printable(ByteView bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t b : bytes) {
    if (b > 0x20 && b < 0x7f && b != '\\') {
      text += static_cast<char>(b);
    } else {
      text += {'\\', 'x', kHex[b >> 4], kHex[b & 15]};
    }
  }
  return text;
}

// RFC 7301 section 3.1.
std::vector<std::string> alpn_names(ByteView body) {
  ByteReader extension(body);
  ByteReader list(extension.vector16());
  std::vector<std::string> names;
  while (!list.empty() && names.size() < kMaxAlpnNames) {
    const ByteView name = list.vector8();
    if (list.ok() && !name.empty()) {
      names.push_back(printable(name));
    }
  }
  return names;
}

void read_extension(std::uint16_t type, ByteView body, ClientHello& hello) {
  ByteReader reader(body);
  switch (type) {
    case 0:
      hello.server_name = read_server_name(body);
      break;
    case 10:
      hello.groups = u16_list(reader.vector16());
      break;
    case 11: {
      const ByteView formats = reader.vector8();
      hello.point_formats.assign(formats.begin(), formats.end());
      break;
    }
    case 13:
      hello.signature_algorithms = u16_list(reader.vector16());
      break;
    case 16:
      hello.alpn = alpn_names(body);
      break;
    case 35:
      hello.ticket_size = body.size();
      break;
    case 41:
      hello.offers_psk = true;
      break;
    case 43:
      hello.supported_versions = u16_list(reader.vector8());
      break;
    default:
      break;
  }
}

// RFC 8446 section 4.1.2 and RFC 5246 section 7.4.1.2; the body of the message, without its header.
bool read_hello(ByteView body, ClientHello& hello) {
  ByteReader reader(body);
  hello.legacy_version = reader.u16();
  reader.take(32);  // random
  hello.session_id_size = reader.vector8().size();
  const ByteView suites = reader.vector16();
  const ByteView compressions = reader.vector8();
  if (!reader.ok() || hello.legacy_version >> 8 != 3 || hello.session_id_size > 32 ||
      suites.empty() || suites.size() % 2 != 0 || compressions.empty()) {
    return false;
  }
  hello.suites = u16_list(suites);
  if (reader.empty()) {
    return true;
  }
  hello.has_extensions = true;
  ByteReader extensions(reader.vector16());
  while (!extensions.empty()) {
    const std::uint16_t type = extensions.u16();
    const ByteView extension = extensions.vector16();
    if (!extensions.ok()) {
      return false;
    }
    hello.extensions.push_back(type);
    read_extension(type, extension, hello);
  }
  return reader.finished();
}

// RFC 5246 appendix E.2: a two-byte length with the top bit set, then the message.
FirstFlight parse_sslv2(ByteView bytes) {
  const std::size_t size = static_cast<std::size_t>(bytes[0] & 0x7f) << 8 | bytes[1];
  FirstFlight flight;
  ClientHello& hello = flight.hello;
  hello.format = HelloFormat::sslv2;
  ByteReader reader(bytes.subspan(2, std::min(size, bytes.size() - 2)));
  reader.u8();  // the message type, known to be client hello
  hello.legacy_version = reader.u16();
  if (reader.ok() && hello.legacy_version != kSsl2 && hello.legacy_version >> 8 != 3) {
    return {FlightKind::not_tls, {}};
  }
  if (bytes.size() - 2 < size) {
    return {size + 2 > kMaxFirstFlight ? FlightKind::too_long : FlightKind::need_more, {}};
  }
  const std::size_t specs_size = reader.u16();
  hello.session_id_size = reader.u16();
  const std::size_t challenge_size = reader.u16();
  ByteReader specs(reader.take(specs_size));
  reader.take(hello.session_id_size);
  reader.take(challenge_size);
  if (!reader.finished() || specs_size == 0 || specs_size % 3 != 0) {
    return {FlightKind::malformed, {}};
  }
  while (!specs.empty()) {
    const std::uint8_t kind = specs.u8();
    const std::uint16_t suite = specs.u16();
    if (kind == 0) {  // others are SSL 2's own ciphers
      hello.suites.push_back(suite);
    }
  }
  flight.kind = FlightKind::hello;
  return flight;
}

// Joins the records that the message is spread over. Stops at the first sign that it is no hello.
FirstFlight parse_records(ByteView bytes) {
  std::vector<std::uint8_t> message;
  for (std::size_t at = 0;;) {
    const ByteView rest = bytes.subspan(at);
    const std::size_t seen = std::min(rest.size(), kRecordHeader);
    if ((seen > 0 && rest[0] != kHandshakeRecord) || (seen > 1 && rest[1] != 3)) {
      return {at == 0 ? FlightKind::not_tls : FlightKind::malformed, {}};
    }
    if (seen < kRecordHeader) {
      break;
    }
    const std::size_t size = static_cast<std::size_t>(rest[3] << 8 | rest[4]);
    if (size == 0 || size > kMaxRecord) {
      return {FlightKind::malformed, {}};
    }
    const ByteView fragment =
        rest.subspan(kRecordHeader, std::min(size, rest.size() - kRecordHeader));
    message.insert(message.end(), fragment.begin(), fragment.end());
    if (!message.empty() && message[0] != kClientHello) {
      return {FlightKind::malformed, {}};
    }
    if (message.size() >= kMessageHeader) {
      const std::size_t body_size = ByteReader(ByteView(message).subspan(1, 3)).u24();
      if (body_size + kMessageHeader > kMaxFirstFlight) {
        return {FlightKind::too_long, {}};
      }
      if (message.size() - kMessageHeader >= body_size) {
        FirstFlight flight;
        flight.hello.record_version = static_cast<std::uint16_t>(bytes[1] << 8 | bytes[2]);
        const ByteView body = ByteView(message).subspan(kMessageHeader, body_size);
        if (!read_hello(body, flight.hello)) {
          return {FlightKind::malformed, {}};
        }
        flight.kind = FlightKind::hello;
        return flight;
      }
    }
    if (fragment.size() < size) {
      break;
    }
    at += kRecordHeader + size;
  }
  return {bytes.size() >= kMaxFirstFlight ? FlightKind::too_long : FlightKind::need_more, {}};
}

// The PROXY protocol's two forms, by how they begin.
FlightKind parse_greeting(ByteView bytes) {
  static constexpr std::array<std::string_view, 2> kHeaders = {
      "PROXY ", std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)};
  for (const std::string_view header : kHeaders) {
    const std::size_t seen = std::min(bytes.size(), header.size());
    if (std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(seen), header.begin(),
                   [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
      return seen == header.size() ? FlightKind::proxy_header : FlightKind::need_more;
    }
  }
  return FlightKind::not_tls;
}

// Four bytes tell the methods that Exchange's clients and the web use from other protocols'
// greetings.
FlightKind parse_other(ByteView bytes) {
  static constexpr std::array<std::string_view, 13> kMethods = {
      "GET ", "POST", "HEAD", "PUT ", "DELE", "OPTI", "CONN",
      "TRAC", "PATC", "PROP", "RPC_", "SUBS", "PRI "};
  const std::size_t seen = std::min<std::size_t>(bytes.size(), 4);
  for (const std::string_view method : kMethods) {
    if (std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(seen),
                   method.begin())) {
      return seen == 4 ? FlightKind::http_request : FlightKind::need_more;
    }
  }
  return parse_greeting(bytes);
}

}  // namespace

const char* version_label(std::uint16_t version) {
  switch (version) {
    case kSsl2:
      return "ssl2hello";
    case kSsl3:
      return "ssl3";
    case kTls10:
      return "tls1.0";
    case kTls11:
      return "tls1.1";
    case kTls12:
      return "tls1.2";
    case kTls13:
      return "tls1.3";
    default:
      return "unknown";
  }
}

bool ClientHello::has_extension(std::uint16_t type) const {
  return std::ranges::find(extensions, type) != extensions.end();
}

bool ClientHello::offers_suite(std::uint16_t suite) const {
  return std::ranges::find(suites, suite) != suites.end();
}

std::uint16_t ClientHello::max_version() const {
  std::uint16_t best = 0;
  for (const std::uint16_t version : supported_versions) {
    if (version >= kSsl3 && version <= kTls13) {
      best = std::max(best, version);
    }
  }
  return best != 0 ? best : std::min(legacy_version, kTls12);
}

FirstFlight parse_client_hello(std::span<const std::uint8_t> bytes) {
  bytes = bytes.first(std::min(bytes.size(), kMaxFirstFlight));
  if (bytes.empty()) {
    return {};
  }
  if (bytes[0] == kHandshakeRecord) {
    return parse_records(bytes);
  }
  if ((bytes[0] & 0x80) != 0) {
    if (bytes.size() < 3) {
      return {};
    }
    return bytes[2] == kClientHello ? parse_sslv2(bytes) : FirstFlight{FlightKind::not_tls, {}};
  }
  return {parse_other(bytes), {}};
}

// RFC 6066 section 3. Only the type host_name exists.
std::string read_server_name(std::span<const std::uint8_t> extension_body) {
  ByteReader extension(extension_body);
  ByteReader list(extension.vector16());
  const std::uint8_t type = list.u8();
  std::string name = printable(list.vector16());
  if (!extension.finished() || !list.ok() || type != 0) {
    return {};
  }
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

}  // namespace chainmend::clients
