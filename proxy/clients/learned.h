// LearnedClients: which kind of client an address with one hello turned out to be, by what it said
// of itself in a request. Process-lived, bounded, thread-safe: one lock, held for a few look-ups
// once per handshake, which costs a thousand times as much. It names clients in logs and metrics
// and decides nothing: whoever lies here gets a wrong label.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/clients/classifier.h"

namespace chainmend::clients {

using Clock = std::function<std::chrono::system_clock::time_point()>;

class LearnedClients {
 public:
  struct Limits {
    std::size_t entries = 10'000;  // pairs of address and hello; the one proved longest ago goes
    std::size_t per_address = 16;  // hellos; more than any client has
    std::chrono::seconds lifetime = std::chrono::days(30);  // since it was last proved
    std::size_t agreeing = 3;  // addresses that must say the same for a hello to tell by itself
  };
  // One pair, as it is kept on disk.
  struct Entry {
    Address address{};
    Ja4 ja4{};
    ClientType type;
    std::chrono::sys_seconds proved;  // last
  };

  LearnedClients() : LearnedClients(std::chrono::system_clock::now) {}
  explicit LearnedClients(Clock clock);
  LearnedClients(Clock clock, const Limits& limits);

  // A client at this address with this hello said that it is of this type. Pass nothing that was
  // guessed.
  void learn(const Address& address, const Ja4& ja4, ClientType type);
  // What the pair is known as, unless the address has had several types (then it is a router, or
  // was given to someone else); else what the hello is known as everywhere.
  std::optional<Classification> find(const Address& address, const Ja4& ja4);

  std::size_t size() const;
  // Goes up with everything learned that a copy on disk would lack.
  std::uint64_t changes() const;
  // Every pair and type, proved longest ago first; a pair with several types more than once.
  std::vector<Entry> entries() const;
  // Adds what was kept: entries(), or any part of it, in any order.
  void restore(std::vector<Entry> entries);

 private:
  struct Key {
    Address address{};
    Ja4 ja4{};
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
    std::size_t operator()(const Address& address) const;
    std::size_t operator()(const Ja4& ja4) const;
  };
  using Types = std::bitset<ClientType::kLimit>;
  struct Pair {
    Key key;
    Types types;
    std::chrono::sys_seconds proved;
  };
  // How many pairs say which type; types with none are not in it.
  class Votes {
   public:
    void add(std::size_t type, int change);
    bool empty() const { return counts_.empty(); }
    std::size_t total() const;
    // The type that all of them say, when at least so many do.
    std::optional<ClientType> agreed(std::size_t at_least) const;

   private:
    std::map<std::size_t, std::size_t> counts_;
  };
  using Order = std::list<Pair>;

  void learn_locked(const Key& key, ClientType type, std::chrono::sys_seconds now);
  void vote(const Key& key, std::size_t type, int change);
  void drop_oldest();
  void drop_expired(std::chrono::sys_seconds now);
  std::chrono::sys_seconds now() const;

  const Clock clock_;
  const Limits limits_;
  mutable std::mutex mutex_;  // guards all below
  Order oldest_first_;
  std::unordered_map<Key, Order::iterator, Hash> pairs_;
  std::unordered_map<Address, Votes, Hash> by_address_;
  std::unordered_map<Ja4, Votes, Hash> by_hello_;
  std::uint64_t changes_ = 0;
};

}  // namespace chainmend::clients
