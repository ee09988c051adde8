// SourceTable: which server each client's address was given, for persistence by source. A fixed
// number of entries in sets of eight; what is over goes in the place of the entry of its set that
// was used longest ago. No locks: an entry is one atomic word, so that workers at worst overwrite
// each other's, and then a client is given a server anew. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chainmend::upstream {

class SourceTable {
 public:
  using Seconds = std::chrono::seconds;

  // Room for so many, rounded up to a power of two.
  explicit SourceTable(std::size_t entries);
  std::size_t size() const { return entries_.size(); }

  // The server (12 bits of its id) that this source was given and used since less than `timeout`,
  // which is counted from now on again; 0: none. now: since some fixed moment.
  std::uint32_t find(std::uint64_t source, Seconds now, Seconds timeout);
  void put(std::uint64_t source, std::uint32_t server, Seconds now);

  // What find() gives for a server: 1 to 4095.
  static std::uint32_t short_id(std::uint64_t id);

 private:
  static constexpr std::size_t kWays = 8;
  using Entry = std::atomic<std::uint64_t>;  // 28 bits of the source, 12 of the server, 24 of time

  Entry* set_of(std::uint64_t source);

  std::vector<Entry> entries_;
};

}  // namespace chainmend::upstream
