// Tally: what the lines of logs came to, counted by client, path and cause, in bounded memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "certs/time.h"
#include "config/network.h"
#include "proxy/diagnose/explain/codes.h"

namespace chainmend::diagnose {

// Sighting: one failure that a line tells of. The texts are good for the call that gets them.
struct Sighting {
  std::optional<certs::Time> time;
  std::string_view client;         // address, or the name of a phone; empty: the line does not say
  std::string_view client_type;    // empty: nobody knows
  std::string_view path;           // what was asked for; may be empty
  const Code* said = nullptr;      // never null
  const Code* why = nullptr;       // what the program says was the reason; may be null
  std::optional<Problem> problem;  // unset: that of `said`
};

// The two logs of chainmend, which tell of the same failed handshakes.
enum class OwnLog : std::uint8_t { for_people, of_handshakes };

// Which sightings count.
struct TallyFilter {
  std::optional<certs::Time> since;        // and later
  std::optional<certs::Time> until;        // and earlier, this second too
  std::string client;                      // as a line names it; empty: all
  std::optional<config::Network> network;  // addresses of clients
  bool by_time() const { return since || until; }
};

struct FailureGroup {
  std::string client;
  std::string client_type;
  std::string path;
  const Code* said = nullptr;
  const Code* why = nullptr;
  Problem problem = Problem::no_error;
  std::uint64_t count = 0;
  std::optional<certs::Time> first;
  std::optional<certs::Time> last;
  bool recovered = false;  // the same client had success on the same path later
};

class Tally {
 public:
  static constexpr std::size_t kMaxGroups = 20'000;
  static constexpr std::size_t kMaxText = 200;  // bytes of a client or a path that are kept
  static constexpr std::size_t kMaxToldOnce = 100'000;

  explicit Tally(TallyFilter filter = {}) : filter_(std::move(filter)) {}

  void add(const Sighting& seen);
  // A failed handshake of ours, by `peer` (address and port) for one reason. What both logs tell of
  // counts once, in whichever order they are read; beyond kMaxToldOnce failures that only one of
  // them has told of so far, it counts as often as it is told.
  void add_own(const Sighting& seen, OwnLog log, std::string_view peer);
  // True while somebody has failed: before that, successes need not be told.
  bool wants_successes() const { return !failing_.empty(); }
  void succeeded(std::string_view client, std::string_view path);
  // A failure of a kind that explain says nothing about: an HTTP status such as 404.
  void add_other(std::uint32_t status) { ++others_[status]; }

  const std::vector<FailureGroup>& groups() const { return groups_; }
  const std::map<std::uint32_t, std::uint64_t>& others() const { return others_; }
  std::uint64_t count() const { return count_; }        // of all sightings that passed the filter
  std::uint64_t left_out() const { return left_out_; }  // of them, those that found no group
  std::uint64_t undated() const { return undated_; }    // not counted: a filter asks for the time
  const TallyFilter& filter() const { return filter_; }

 private:
  bool passes(const Sighting& seen);
  FailureGroup* group_of(const Sighting& seen, Problem problem, std::uint64_t place);

  TallyFilter filter_;
  std::vector<FailureGroup> groups_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_hash_;               // group's index
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> failing_;  // client and path
  // Peer and reason, to how much oftener the log for people has told of it than the other one.
  std::unordered_map<std::uint64_t, std::int32_t> told_once_;
  std::map<std::uint32_t, std::uint64_t> others_;
  std::uint64_t count_ = 0;
  std::uint64_t left_out_ = 0;
  std::uint64_t undated_ = 0;
};

}  // namespace chainmend::diagnose
