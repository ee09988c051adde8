// Pool: the upstream connections of one worker that wait for their next request. Only connections
// that carry nobody's identity come here, after a complete exchange; who takes one cannot tell, and
// the server cannot either, whose it was. Lives on its worker's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
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

  // The connection to peer that was put last, if it is still open and the server has said nothing
  // meanwhile.
  std::optional<Pooled> take(const Peer& peer);
  // Keeps the connection, or closes it when it is too old or there are enough. owner keeps peer
  // alive.
  void put(const Upstream& upstream, const Peer& peer, std::shared_ptr<const void> owner,
           Pooled connection);
  // Closes all.
  void clear();
  std::size_t size() const { return size_; }

 private:
  static constexpr std::chrono::seconds kSweepEvery{1};

  struct Idle {
    Pooled connection;
    net::Clock::time_point until;
    metrics::Held held;
  };
  struct Shelf {
    std::shared_ptr<const void> owner;  // of the peer
    std::vector<Idle> idle;             // put last at the end
    bool used = true;                   // since the last sweep
  };
  void sweep();

  std::unordered_map<const Peer*, Shelf> shelves_;
  std::size_t size_ = 0;
  bool sweeping_ = false;  // while there are shelves
  net::Deadline next_sweep_;
};

}  // namespace chainmend::upstream
