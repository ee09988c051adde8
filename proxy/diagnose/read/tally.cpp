#include "proxy/diagnose/read/tally.h"

#include <algorithm>

#include "config/values.h"

namespace chainmend::diagnose {

namespace {

constexpr std::uint64_t kHashStart = 0xCBF29CE484222325U;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// FNV-1a over lower case: IIS takes paths in either case. Collisions are told apart by comparing.
std::uint64_t mix(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(lower(c))) * 0x100000001B3U;
  }
  return (hash ^ 0xFF) * 0x100000001B3U;
}

std::uint64_t mix(std::uint64_t hash, const void* pointer) {
  return (hash ^ reinterpret_cast<std::uintptr_t>(pointer)) * 0x9E3779B97F4A7C15U;
}

std::uint64_t place_of(std::string_view client, std::string_view path) {
  return mix(mix(kHashStart, client), path);
}

bool same(std::string_view kept, std::string_view text) {
  return std::ranges::equal(kept, text, {}, lower, lower);
}

}  // namespace

bool Tally::passes(const Sighting& seen) {
  if (!filter_.client.empty() && seen.client != filter_.client) {
    const auto address =
        filter_.network ? config::parse_network(seen.client) : std::optional<config::Network>();
    if (!address || !filter_.network->contains(address->address)) {
      return false;
    }
  }
  if (!filter_.by_time()) {
    return true;
  }
  if (!seen.time) {
    ++undated_;
    return false;
  }
  return !(filter_.since && *seen.time < *filter_.since) &&
         !(filter_.until && *seen.time > *filter_.until);
}

FailureGroup* Tally::group_of(const Sighting& seen, Problem problem, std::uint64_t place) {
  constexpr int kMaxCollisions = 8;
  std::uint64_t hash = mix(mix(place, seen.said), seen.why) + static_cast<std::uint64_t>(problem);
  for (int i = 0; i < kMaxCollisions; ++i, ++hash) {
    const auto found = by_hash_.find(hash);
    if (found == by_hash_.end()) {
      break;
    }
    FailureGroup& group = groups_[found->second];
    if (group.said == seen.said && group.why == seen.why && group.problem == problem &&
        same(group.client, seen.client) && same(group.path, seen.path)) {
      return &group;
    }
  }
  if (groups_.size() == kMaxGroups) {
    return nullptr;
  }
  const auto index = static_cast<std::uint32_t>(groups_.size());
  if (!by_hash_.try_emplace(hash, index).second) {
    return nullptr;
  }
  failing_[place].push_back(index);
  FailureGroup group;
  group.client = seen.client;
  group.path = seen.path;
  group.said = seen.said;
  group.why = seen.why;
  group.problem = problem;
  groups_.push_back(std::move(group));
  return &groups_.back();
}

void Tally::add(const Sighting& whole) {
  const auto problem = whole.problem ? whole.problem : whole.said->problem;
  if (!problem || *problem == Problem::no_error || *problem == Problem::idle_closed ||
      !passes(whole)) {
    return;
  }
  ++count_;
  Sighting seen = whole;
  seen.client = seen.client.substr(0, kMaxText);
  seen.path = seen.path.substr(0, kMaxText);
  FailureGroup* const group = group_of(seen, *problem, place_of(seen.client, seen.path));
  if (group == nullptr) {
    ++left_out_;
    return;
  }
  ++group->count;
  group->recovered = false;
  if (group->client_type.empty()) {
    group->client_type = seen.client_type;
  }
  if (seen.time) {
    group->first = group->first ? std::min(*group->first, *seen.time) : *seen.time;
    group->last = group->last ? std::max(*group->last, *seen.time) : *seen.time;
  }
}

void Tally::add_own(const Sighting& seen, OwnLog log, std::string_view peer) {
  const int step = log == OwnLog::for_people ? 1 : -1;
  const std::uint64_t event = mix(mix(kHashStart, peer), seen.said);
  const auto known = told_once_.find(event);
  if (known != told_once_.end()) {
    const bool is_told_before = known->second * step < 0;
    known->second += step;
    if (known->second == 0) {
      told_once_.erase(known);
    }
    if (is_told_before) {
      return;
    }
  } else if (told_once_.size() < kMaxToldOnce) {
    told_once_.emplace(event, step);
  }
  add(seen);
}

void Tally::succeeded(std::string_view client, std::string_view path) {
  client = client.substr(0, kMaxText);
  path = path.substr(0, kMaxText);
  const auto found = failing_.find(place_of(client, path));
  if (found == failing_.end()) {
    return;
  }
  for (const std::uint32_t index : found->second) {
    FailureGroup& group = groups_[index];
    group.recovered = group.recovered || (same(group.client, client) && same(group.path, path));
  }
}

}  // namespace chainmend::diagnose
