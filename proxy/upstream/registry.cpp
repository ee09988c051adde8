#include "proxy/upstream/registry.h"

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

std::shared_ptr<Server> Registry::server(const std::string& upstream, const Address& address) {
  return find_or_make(servers_, {upstream, address.name}, [&] {
    return std::make_shared<Server>(address, metrics_.upstream_server(upstream, address.name));
  });
}

std::shared_ptr<Turn> Registry::turn(const std::string& upstream) {
  return find_or_make(turns_, upstream, [] { return std::make_shared<Turn>(); });
}

}  // namespace chainmend::upstream
