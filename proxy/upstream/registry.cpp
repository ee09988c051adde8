#include "proxy/upstream/registry.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace chainmend::upstream {

namespace {

// What `known` has under this key, or what make() gives. Names that nobody uses any more go.
template <typename Map, typename Make>
auto find_or_make(Map& known, const typename Map::key_type& key, Make make) {
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  auto found = known[key].lock();
  if (!found) {
    found = make();
    known[key] = found;
  }
  return found;
}

}  // namespace

Registry::Registry(metrics::Metrics& metrics) : metrics_(metrics), cookie_key_(32) {
  if (RAND_bytes(cookie_key_.data(), static_cast<int>(cookie_key_.size())) != 1) {
    throw std::runtime_error("no random bytes");  // nothing would be safe then
  }
}

std::shared_ptr<Server> Registry::server(const std::string& upstream, const Address& address) {
  return find_or_make(servers_, {upstream, address.name}, [&] {
    return std::make_shared<Server>(address, metrics_.upstream_server(upstream, address.name));
  });
}

std::shared_ptr<Common> Registry::common(const std::string& upstream) {
  return find_or_make(commons_, upstream,
                      [&] { return std::make_shared<Common>(metrics_.upstream(upstream)); });
}

}  // namespace chainmend::upstream
