// SeenHellos: which hellos came, how often, and what they were taken for: for the operator who
// wants to give a name to phones of his own. Process-lived, bounded, thread-safe: one lock, held
// for one look-up per handshake.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "proxy/clients/classifier.h"

namespace chainmend::clients {

struct SeenHello {
  Ja4 ja4;
  std::string ja3;
  Classification as;  // of the last one; its rule is left out, being borrowed
  std::uint64_t count = 0;
  std::uint64_t succeeded = 0;  // of these, so many completed the handshake
  std::chrono::sys_seconds last;
  Address last_address{};
  HelloFormat format = HelloFormat::tls;
  bool names_server = false;  // which one is nobody's business here
  std::uint16_t max_version = 0;
  std::vector<std::uint16_t> suites;  // the first kMostListed
  std::vector<std::uint16_t> extensions;
  std::vector<std::string> alpn;
};

class SeenHellos {
 public:
  // Kinds of hellos; of more, the one that came least often goes.
  static constexpr std::size_t kMostKept = 256;
  static constexpr std::size_t kMostListed = 64;

  void note(const Caller& caller, const Classification& as, bool succeeded,
            std::chrono::system_clock::time_point now);
  // Most frequent first.
  std::vector<SeenHello> all() const;

 private:
  void drop_rarest();

  mutable std::mutex mutex_;
  std::map<Ja4, SeenHello> by_ja4_;
};

}  // namespace chainmend::clients
