#include "config/config.h"

#include <algorithm>

#include <fmt/format.h>

namespace chainmend::config {
namespace {

std::string with_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::string Location::describe() const {
  return line == 0 ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

bool Network::contains(const Address& one) const {
  const std::size_t whole = prefix / 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  one.begin())) {
    return false;
  }
  const unsigned rest = prefix % 8;
  return rest == 0 || (address[whole] ^ one[whole]) >> (8 - rest) == 0;
}

bool Network::is_ipv4() const {
  constexpr Network kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, 96};
  return prefix >= 96 && kMapped.contains(address);
}

bool Network::is_everybody() const { return prefix == (is_ipv4() ? 96U : 0U); }

Network Network::whole() const {
  Network out = *this;
  for (unsigned bit = prefix; bit < 128; ++bit) {
    out.address[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
  }
  return out;
}

std::string Network::text() const {
  const Address& a = address;
  if (is_ipv4()) {
    return fmt::format("{}.{}.{}.{}/{}", a[12], a[13], a[14], a[15], prefix - 96);
  }
  std::string out;
  for (std::size_t i = 0; i < a.size(); i += 2) {
    out += fmt::format("{}{:x}", i == 0 ? "" : ":", a[i] << 8U | a[i + 1]);
  }
  return fmt::format("{}/{}", out, prefix);
}

std::vector<std::string> texts(const std::vector<Network>& networks) {
  std::vector<std::string> out;
  out.reserve(networks.size());
  for (const Network& network : networks) {
    out.push_back(network.text());
  }
  return out;
}

std::string Endpoint::text() const { return with_port(address, port); }

std::string Route::text() const {
  std::string text;
  for (const std::string& method : methods) {
    text += (text.empty() ? "" : ",") + method;
  }
  text += text.empty() ? "" : " ";
  for (const std::string& host : hosts) {
    text += (&host == hosts.data() ? "" : ",") + host;
  }
  return text + path;
}

std::string Server::text() const { return (tls ? "https://" : "http://") + with_port(host, port); }

}  // namespace chainmend::config
