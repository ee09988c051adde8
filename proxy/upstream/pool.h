// Pool: the upstream connections of one worker that wait for their next request. Only connections
// that carry nobody's identity come here, after a complete exchange; who takes one cannot tell, and
// the server cannot either, whose it was. It survives reloads: a connection is for whoever talks to
// the same server on the same terms. Lives on its worker's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "proxy/metrics/upstream.h"
#include "proxy/net/deadline.h"
#include "proxy/net/stream.h"
#include "proxy/upstream/upstream.h"

namespace chainmend::upstream {

struct Pooled {
  net::Stream stream;
  net::Clock::time_point connected_at;
};

class Pool {
 public:
  // deadlines must outlive it.
  explicit Pool(net::DeadlineSet& deadlines);

  // The connection to peer's server on its terms that was put last, if it is still open and the
  // server has said nothing meanwhile.
  std::optional<Pooled> take(const Peer& peer);
  // Keeps the connection, or closes it when it is too old or there are enough.
  void put(const KeepAlive& limits, const Peer& peer, Pooled connection);
  // Closes what is for none of these any more: servers that are no longer configured, or not on the
  // terms that the connection was made under.
  void keep_only(std::span<const Peer* const> peers);
  // Closes all.
  void clear() { keep_only({}); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::chrono::seconds kSweepEvery{1};

  struct Key {
    const Server* server;
    certs::Sha256 terms;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Idle {
    Pooled connection;
    net::Clock::time_point until;
    metrics::Held held;
  };
  struct Shelf {
    std::shared_ptr<Server> server;  // so that the key's address stays its own
    std::vector<Idle> idle;          // put last at the end
    bool used = true;                // since the last sweep
  };
  static Key key_of(const Peer& peer) { return {peer.server.get(), peer.terms}; }
  void sweep();

  std::unordered_map<Key, Shelf, KeyHash> shelves_;
  std::size_t size_ = 0;
  bool sweeping_ = false;  // while there are shelves
  net::Deadline next_sweep_;
};

}  // namespace chainmend::upstream
