#include "proxy/clients/client_type.h"

#include <array>
#include <atomic>
#include <mutex>
#include <string>

namespace chainmend::clients {
namespace {

using config::kBuiltInClientTypes;

static_assert(kBuiltInClientTypes.size() < ClientType::kLimit);

// Names are written once, before count makes them visible, and never change.
struct Names {
  std::mutex mutex;  // guards the adding
  std::array<std::string, ClientType::kLimit> names;
  std::atomic<std::size_t> count{0};

  Names() {
    names[count++] = "other";
    for (const auto& type : kBuiltInClientTypes) {
      names[count++] = type.name;
    }
  }
};

Names& all_names() {
  static Names names;
  return names;
}

std::size_t find(const Names& all, std::string_view name) {
  const std::size_t count = all.count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    if (all.names[i] == name) {
      return i;
    }
  }
  return count;
}

}  // namespace

ClientType ClientType::at(std::size_t index) {
  return index < count() ? ClientType(static_cast<std::uint8_t>(index)) : ClientType();
}

std::size_t ClientType::count() { return all_names().count.load(std::memory_order_acquire); }

ClientType ClientType::known(std::string_view name) { return at(find(all_names(), name)); }

ClientType ClientType::named(std::string_view name) {
  Names& all = all_names();
  const std::lock_guard lock(all.mutex);
  const std::size_t index = find(all, name);
  if (index == all.count.load(std::memory_order_relaxed) && index < kLimit) {
    all.names[index] = name;
    all.count.store(index + 1, std::memory_order_release);
  }
  return at(index);
}

std::string_view ClientType::name() const { return all_names().names[index_]; }

}  // namespace chainmend::clients
