#include "proxy/net/proxy_protocol.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace chainmend::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kLongestLine = 107;  // with CRLF
constexpr std::uint8_t kLocal = 0x20;
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;

// The next word; words are parted by single spaces.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stopped_at, error] = std::from_chars(begin, end, port);
  return error == std::errc{} && stopped_at == end ? std::optional(port) : std::nullopt;
}

std::optional<asio::ip::address> parse_address(std::string_view text, bool is_v4) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(text), error);
  return !error && address.is_v4() == is_v4 ? std::optional(address) : std::nullopt;
}

std::uint16_t port_at(const std::uint8_t* bytes) {
  return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

template <typename Address>
Address address_at(const std::uint8_t* from) {
  typename Address::bytes_type bytes;
  std::copy_n(from, bytes.size(), bytes.begin());
  return Address(bytes);
}

// The same family for both, or a header could not hold them.
ProxyHeader::Addresses alike(const ProxyHeader::Addresses& from) {
  const auto plain = [](const asio::ip::address& a) {
    return a.is_v6() && a.to_v6().is_v4_mapped()
               ? asio::ip::address(asio::ip::make_address_v4(asio::ip::v4_mapped, a.to_v6()))
               : a;
  };
  asio::ip::address source = plain(from.source.address());
  asio::ip::address destination = plain(from.destination.address());
  if (source.is_v4() != destination.is_v4()) {
    for (asio::ip::address* one : {&source, &destination}) {
      if (one->is_v4()) {
        *one = asio::ip::make_address_v6(asio::ip::v4_mapped, one->to_v4());
      }
    }
  }
  return {{source, from.source.port()}, {destination, from.destination.port()}};
}

void append_address(const asio::ip::address& address, std::string& out) {
  const auto append = [&out](const auto& bytes) { out.append(bytes.begin(), bytes.end()); };
  address.is_v4() ? append(address.to_v4().to_bytes()) : append(address.to_v6().to_bytes());
}

void append_be16(std::size_t number, std::string& out) {
  out.push_back(static_cast<char>(number >> 8U & 0xffU));
  out.push_back(static_cast<char>(number & 0xffU));
}

void append_line(const ProxyHeader::Addresses& from, std::string& out) {
  out.append(from.source.address().is_v4() ? "PROXY TCP4 " : "PROXY TCP6 ");
  out.append(from.source.address().to_string()).append(" ");
  out.append(from.destination.address().to_string()).append(" ");
  out.append(std::to_string(from.source.port())).append(" ");
  out.append(std::to_string(from.destination.port())).append("\r\n");
}

void append_block(const ProxyHeader::Addresses& from, std::string& out) {
  const std::uint8_t family = from.source.address().is_v4() ? kTcp4 : kTcp6;
  out.append(kSignature);
  out.push_back(static_cast<char>(kProxy));
  out.push_back(static_cast<char>(family));
  append_be16(proxy_address_size(family), out);
  append_address(from.source.address(), out);
  append_address(from.destination.address(), out);
  append_be16(from.source.port(), out);
  append_be16(from.destination.port(), out);
}

// Reads from a non-blocking socket what belongs to the header.
class HeaderReader {
 public:
  explicit HeaderReader(Socket& socket) : socket_(socket) {}

  Task<std::optional<ProxyHeader>> run() {
    std::array<std::uint8_t, kSignature.size()> start{};  // the shortest line is longer
    bool good = co_await read(start);
    if (!good) {
      co_return std::nullopt;
    }
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    std::optional<ProxyHeader> header;
    if (text == kSignature) {
      header = co_await block();
    } else if (text.starts_with("PROXY ")) {
      header = co_await line(text);
    }
    co_return header;
  }

 private:
  Task<std::optional<ProxyHeader>> line(std::string_view start) {
    std::array<char, kLongestLine> bytes{};
    std::ranges::copy(start, bytes.begin());
    std::size_t size = start.size();
    for (;;) {
      const std::span<char> room = std::span(bytes).subspan(size);
      const bool ready = co_await wait();
      if (!ready || room.empty()) {
        co_return std::nullopt;
      }
      // Looks first, and takes only what belongs to the line.
      const auto seen = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_PEEK);
      if (seen <= 0) {
        if (seen < 0 && (errno == EAGAIN || errno == EINTR)) {
          continue;
        }
        co_return std::nullopt;
      }
      const auto fresh = room.first(static_cast<std::size_t>(seen));
      const auto end = std::ranges::find(fresh, '\n');
      const bool whole = end != fresh.end();
      const auto mine = static_cast<std::size_t>(end - fresh.begin()) + (whole ? 1 : 0);
      if (::recv(socket_.native_handle(), room.data(), mine, 0) != static_cast<ssize_t>(mine)) {
        co_return std::nullopt;
      }
      size += mine;
      if (whole) {
        const std::string_view text(bytes.data(), size);
        co_return text.ends_with("\r\n") ? parse_proxy_line(text.substr(0, size - 2))
                                         : std::nullopt;
      }
    }
  }

  Task<std::optional<ProxyHeader>> block() {
    std::array<std::uint8_t, 4> fixed{};
    std::array<std::uint8_t, 256> rest{};
    bool good = co_await read(fixed);
    if (!good) {
      co_return std::nullopt;
    }
    std::size_t left = port_at(&fixed[2]);
    const std::size_t wanted = std::min(left, proxy_address_size(fixed[1]));
    good = co_await read(std::span(rest).first(wanted));
    const std::optional<ProxyHeader> header =
        parse_proxy_block(fixed[0], fixed[1], std::span(rest).first(wanted));
    left -= wanted;
    while (good && left > 0) {  // extensions, of no use to us
      const std::size_t part = std::min(left, rest.size());
      good = co_await read(std::span(rest).first(part));
      left -= part;
    }
    co_return good ? header : std::nullopt;
  }

  Task<bool> read(std::span<std::uint8_t> into) {
    while (!into.empty()) {
      const auto n = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
      if (n > 0) {
        into = into.subspan(static_cast<std::size_t>(n));
        continue;
      }
      if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        co_return false;
      }
      const bool ready = co_await wait();
      if (!ready) {
        co_return false;
      }
    }
    co_return true;
  }

  Task<bool> wait() {
    const auto [error] = co_await socket_.async_wait(tcp::socket::wait_read, kAsTuple);
    co_return !error;
  }

  Socket& socket_;
};

}  // namespace

std::size_t proxy_address_size(std::uint8_t family) {
  return family == kTcp4 ? 12 : family == kTcp6 ? 36 : 0;
}

std::optional<ProxyHeader> parse_proxy_line(std::string_view line) {
  if (!line.starts_with("PROXY ")) {
    return std::nullopt;
  }
  line.remove_prefix(6);
  const std::string_view family = take_word(line);
  if (family == "UNKNOWN") {
    return ProxyHeader{};
  }
  const bool is_v4 = family == "TCP4";
  const auto source = parse_address(take_word(line), is_v4);
  const auto destination = parse_address(take_word(line), is_v4);
  const auto source_port = parse_port(take_word(line));
  const auto destination_port = parse_port(line);
  if ((!is_v4 && family != "TCP6") || !source || !destination || !source_port ||
      !destination_port) {
    return std::nullopt;
  }
  return ProxyHeader{{{{*source, *source_port}, {*destination, *destination_port}}}};
}

std::optional<ProxyHeader> parse_proxy_block(std::uint8_t version_command, std::uint8_t family,
                                             std::span<const std::uint8_t> addresses) {
  if (version_command == kLocal) {
    return ProxyHeader{};
  }
  const std::size_t size = proxy_address_size(family);
  if (version_command != kProxy || addresses.size() < size) {
    return std::nullopt;
  }
  const std::uint8_t* const at = addresses.data();
  if (family == kTcp4) {
    return ProxyHeader{{{{address_at<asio::ip::address_v4>(at), port_at(at + 8)},
                         {address_at<asio::ip::address_v4>(at + 4), port_at(at + 10)}}}};
  }
  if (family == kTcp6) {
    return ProxyHeader{{{{address_at<asio::ip::address_v6>(at), port_at(at + 32)},
                         {address_at<asio::ip::address_v6>(at + 16), port_at(at + 34)}}}};
  }
  return ProxyHeader{};  // a family of no use to us: as if it were unknown
}

void append_proxy_header(ProxyVersion version, const ProxyHeader::Addresses& addresses,
                         std::string& out) {
  if (version == ProxyVersion::v1) {
    append_line(alike(addresses), out);
  } else if (version == ProxyVersion::v2) {
    append_block(alike(addresses), out);
  }
}

void append_local_header(ProxyVersion version, std::string& out) {
  if (version == ProxyVersion::v1) {
    out.append("PROXY UNKNOWN\r\n");
  } else if (version == ProxyVersion::v2) {
    out.append(kSignature);
    out.push_back(static_cast<char>(kLocal));
    out.append(3, '\0');  // family: unspecified; no addresses
  }
}

Task<std::optional<ProxyHeader>> read_proxy_header(Socket& socket, DeadlineSet& deadlines,
                                                   Clock::time_point until) {
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  const auto give_up = [](void* s) {
    boost::system::error_code error;  // the throwing close() would end the worker
    static_cast<Socket*>(s)->close(error);
  };
  Deadline deadline(deadlines, give_up, &socket);
  deadline.expires_at(until);
  HeaderReader reader(socket);
  std::optional<ProxyHeader> header = co_await reader.run();
  co_return header;
}

}  // namespace chainmend::net
