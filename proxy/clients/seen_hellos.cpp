#include "proxy/clients/seen_hellos.h"

#include <algorithm>
#include <tuple>

namespace chainmend::clients {
namespace {

constexpr std::size_t kMostProtocols = 8;

template <typename T>
std::vector<T> first_of(const std::vector<T>& list, std::size_t most) {
  return {list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), most))};
}

SeenHello described(const Caller& caller) {
  const ClientHello& hello = caller.hello;
  SeenHello seen;
  seen.ja4 = caller.ja4;
  seen.ja3 = ja3(hello);
  seen.format = hello.format;
  seen.names_server = !hello.server_name.empty();
  seen.max_version = hello.max_version();
  seen.suites = first_of(hello.suites, SeenHellos::kMostListed);
  seen.extensions = first_of(hello.extensions, SeenHellos::kMostListed);
  seen.alpn = first_of(hello.alpn, kMostProtocols);
  for (std::string& protocol : seen.alpn) {
    protocol.resize(std::min<std::size_t>(protocol.size(), 32));
  }
  return seen;
}

}  // namespace

void SeenHellos::note(const Caller& caller, const Classification& as, bool succeeded,
                      std::chrono::system_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  auto found = by_ja4_.find(caller.ja4);
  if (found == by_ja4_.end()) {
    if (by_ja4_.size() >= kMostKept) {
      drop_rarest();
    }
    found = by_ja4_.emplace(caller.ja4, described(caller)).first;
  }
  SeenHello& seen = found->second;
  seen.as = {as.type, as.confidence, {}};
  ++seen.count;
  seen.succeeded += succeeded ? 1 : 0;
  seen.last = std::chrono::floor<std::chrono::seconds>(now);
  seen.last_address = caller.address;
}

void SeenHellos::drop_rarest() {
  by_ja4_.erase(std::ranges::min_element(by_ja4_, {}, [](const auto& entry) {
    return std::tuple(entry.second.count, entry.second.last);
  }));
}

std::vector<SeenHello> SeenHellos::all() const {
  std::vector<SeenHello> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [ja4, seen] : by_ja4_) {
      out.push_back(seen);
    }
  }
  std::ranges::sort(out, std::greater<>(), [](const SeenHello& seen) {
    return std::tuple(seen.count, seen.last, seen.ja4);
  });
  return out;
}

}  // namespace chainmend::clients
