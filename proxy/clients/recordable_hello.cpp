#include "proxy/clients/recordable_hello.h"

#include <algorithm>
#include <cstddef>

#include "proxy/clients/client_hello.h"

namespace chainmend::clients {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kRecordHeader = 5;
constexpr std::size_t kMessageHeader = 4;  // of the handshake protocol
constexpr std::size_t kRandom = 32;
constexpr std::uint16_t kSessionTicket = 35;
constexpr std::uint16_t kPreSharedKey = 41;

// The bytes of a handshake message that may lie in several records: reads and blanks them by their
// place in the message. Past its end reads give 0 and blanking does nothing.
class Message {
 public:
  explicit Message(Bytes& flight) : flight_(flight) {
    for (std::size_t at = 0; at + kRecordHeader <= flight.size();) {
      const std::size_t size = static_cast<std::size_t>(flight[at + 3] << 8 | flight[at + 4]);
      const std::size_t end = std::min(at + kRecordHeader + size, flight.size());
      for (std::size_t i = at + kRecordHeader; i < end; ++i) {
        places_.push_back(i);
      }
      at = end;
      if (places_.size() >= kMessageHeader && places_.size() >= kMessageHeader + number(1, 3)) {
        flight.resize(end);  // what follows is no part of the hello
        return;
      }
    }
  }

  std::size_t number(std::size_t at, std::size_t bytes) const {
    std::size_t value = 0;
    for (std::size_t i = at; i < at + bytes; ++i) {
      value = value << 8 | (i < places_.size() ? flight_[places_[i]] : 0);
    }
    return value;
  }
  void blank(std::size_t at, std::size_t size) {
    const std::size_t end = std::min(at + std::min(size, places_.size()), places_.size());
    for (std::size_t i = at; i < end; ++i) {
      flight_[places_[i]] = 0;
    }
  }
  std::size_t size() const { return places_.size(); }

 private:
  Bytes& flight_;
  std::vector<std::size_t> places_;  // of the message's bytes in the flight
};

// RFC 8446 4.2.11: identities of two-byte length with an age of four bytes, then binders of
// one-byte length. Lengths may lie; nothing behind `end`, where the extension ends, is touched.
void blank_pre_shared_keys(Message& hello, std::size_t at, std::size_t end) {
  const auto blank = [&hello, end](std::size_t place, std::size_t size) {
    hello.blank(place, place < end ? std::min(size, end - place) : 0);
  };
  const std::size_t identities_end = std::min(at + 2 + hello.number(at, 2), end);
  std::size_t place = at + 2;
  while (place + 2 <= identities_end) {
    const std::size_t size = hello.number(place, 2);
    blank(place + 2, size + 4);
    place += 2 + size + 4;
  }
  place = identities_end + 2;
  while (place < end) {
    const std::size_t size = hello.number(place, 1);
    blank(place + 1, size);
    place += 1 + size;
  }
}

// RFC 8446 4.1.2.
void blank_tls(Message& hello) {
  std::size_t at = kMessageHeader + 2;  // client_version
  hello.blank(at, kRandom);
  at += kRandom;
  const std::size_t session_id = hello.number(at, 1);
  hello.blank(at + 1, session_id);
  at += 1 + session_id;
  at += 2 + hello.number(at, 2);  // cipher suites
  at += 1 + hello.number(at, 1);  // compression methods
  at += 2;                        // size of the extensions
  while (at + 4 <= hello.size()) {
    const std::size_t type = hello.number(at, 2);
    const std::size_t size = hello.number(at + 2, 2);
    if (type == kSessionTicket) {
      hello.blank(at + 4, size);
    } else if (type == kPreSharedKey) {
      blank_pre_shared_keys(hello, at + 4, std::min(at + 4 + size, hello.size()));
    }
    at += 4 + size;
  }
}

// RFC 5246 E.2: sizes of the specs, the session id and the challenge, then these three.
void blank_sslv2(Bytes& flight) {
  constexpr std::size_t kHead = 11;
  if (flight.size() < kHead) {
    return;
  }
  const auto number = [&flight](std::size_t at) {
    return static_cast<std::size_t>(flight[at] << 8 | flight[at + 1]);
  };
  const std::size_t end = std::min(2 + (number(0) & 0x7fff), flight.size());
  flight.resize(end);
  const std::size_t secret = std::min(kHead + number(5), end);
  std::fill(flight.begin() + static_cast<std::ptrdiff_t>(secret), flight.end(), std::uint8_t{0});
}

}  // namespace

Bytes recordable_hello(std::span<const std::uint8_t> first_flight) {
  const FirstFlight parsed = parse_client_hello(first_flight);
  if (parsed.kind != FlightKind::hello) {
    return {};
  }
  Bytes flight(first_flight.begin(), first_flight.end());
  if (parsed.hello.format == HelloFormat::sslv2) {
    blank_sslv2(flight);
  } else {
    Message hello(flight);
    blank_tls(hello);
  }
  return flight;
}

}  // namespace chainmend::clients
