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

std::string Network::text() const {
  constexpr Network kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, 96};
  const Address& a = address;
  if (prefix >= 96 && kMapped.contains(a)) {
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
