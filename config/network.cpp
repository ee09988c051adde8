#include "config/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace chainmend::config {

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

bool Network::is_everybody() const { return is_ipv4() ? prefix < 96 + 8 : prefix < 16; }

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

}  // namespace chainmend::config
