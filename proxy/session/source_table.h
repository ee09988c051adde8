// SourceTable: how many connections each source has open, and how many new ones it may make just
// now. A source is a network of clients. Process-lived; every member may be called from any thread.
//
// A connection asks once when it begins and once when it ends, so a lock on a part of the table is
// cheap enough; requests never come here. Bounded: a source is known as long as it has connections,
// of which there is a limit, and beyond that only while it has still to wait for its rate; of those
// the table forgets all when there are too many, which is to their good.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "config/network.h"
#include "proxy/net/deadline.h"

namespace chainmend::session {

class SourceTable {
 public:
  struct Rules {
    std::size_t open = 0;   // connections at a time; 0: no limit
    double per_second = 0;  // new ones, on average; 0: no limit
    double burst = 0;       // of them at once
    std::size_t ipv4_prefix = 24;
    std::size_t ipv6_prefix = 64;
  };
  enum class Answer { taken, too_many_open, too_fast };

  SourceTable();
  SourceTable(const SourceTable&) = delete;
  SourceTable& operator=(const SourceTable&) = delete;

 private:
  struct Entry {
    std::size_t open = 0;
    bool rated = false;  // the next two count
    double tokens = 0;
    net::Clock::time_point filled;  // when tokens were what they are
  };
  // Addresses are chosen by those who are to be limited: the seed keeps them from choosing places
  // in the table.
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const config::Address& address) const;
  };
  using Entries = std::unordered_map<config::Address, Entry, Hash>;
  struct Shard {
    explicit Shard(std::uint64_t seed) : entries(0, Hash{seed}) {}
    std::mutex mutex;
    Entries entries;
    std::size_t purge_at = kKept;
  };

 public:
  // Held: one open connection of a source. Move-only; a moved-from one holds nothing.
  class [[nodiscard]] Held {
   public:
    Held() = default;
    Held(Held&& other) noexcept
        : shard_(std::exchange(other.shard_, nullptr)), entry_(other.entry_) {}
    Held& operator=(Held&& other) noexcept {
      std::swap(shard_, other.shard_);
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Held();

    bool same_source(const Held& other) const {
      return shard_ != nullptr && entry_ == other.entry_;
    }

   private:
    friend class SourceTable;
    Held(Shard& shard, Entries::value_type& entry) : shard_(&shard), entry_(&entry) {}

    Shard* shard_ = nullptr;
    Entries::value_type* entry_ = nullptr;
  };

  // A new connection of the source that this address belongs to. Unless it is `taken`, `held` is
  // the source's all the same, and to be given up with the connection that is turned away.
  Answer take(const config::Address& address, const Rules& rules, net::Clock::time_point now,
              Held& held);
  // Sources that are known now.
  std::size_t size();

  // The network that an address belongs to.
  static config::Network source_of(const config::Address& address, const Rules& rules);

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kKept = 4096;  // sources of a shard that have no connection

  Shard& shard_of(const config::Address& source);
  static void purge(Shard& shard);

  std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace chainmend::session
