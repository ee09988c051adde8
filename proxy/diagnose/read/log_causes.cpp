#include "proxy/diagnose/read/log_causes.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace chainmend::diagnose {

namespace {

// A line that names a code and nothing else, such as a sentence about the log beside it.
bool is_mention(const FailureGroup& group) {
  return group.client.empty() && group.path.empty() && !group.first && group.why == nullptr;
}

// The problem of a group. A code that is mentioned, and is the reason for something else in the
// same logs, belongs to that.
Problem problem_of(const FailureGroup& group, const std::map<const Code*, Problem>& reasons) {
  const auto reason = is_mention(group) ? reasons.find(group.said) : reasons.end();
  return reason == reasons.end() ? group.problem : reason->second;
}

void count_in(LogCause& cause, const FailureGroup& group) {
  cause.count += group.count;
  cause.unnamed += group.client.empty() ? group.count : 0;
  cause.groups.push_back(&group);
  if (group.first) {
    cause.first = cause.first ? std::min(*cause.first, *group.first) : *group.first;
    cause.last = cause.last ? std::max(*cause.last, *group.last) : *group.last;
  }
  const auto said = std::ranges::find_if(cause.said, [&group](const SaidCount& one) {
    return one.said == group.said && one.why == group.why;
  });
  if (said == cause.said.end()) {
    cause.said.push_back({group.said, group.why, group.count});
  } else {
    said->count += group.count;
  }
}

void finish(LogCause& cause) {
  std::set<std::string_view> clients;
  std::set<std::string_view> stopped;
  for (const FailureGroup* const group : cause.groups) {
    if (!group->client.empty()) {
      clients.insert(group->client);
      if (!group->recovered) {
        stopped.insert(group->client);
      }
    }
  }
  cause.clients = clients.size();
  cause.stopped = stopped.size();
  std::ranges::sort(cause.said, std::greater{}, &SaidCount::count);
  std::ranges::sort(cause.groups, [](const FailureGroup* a, const FailureGroup* b) {
    return std::tuple(b->count, std::string_view(a->client), std::string_view(a->path)) <
           std::tuple(a->count, std::string_view(b->client), std::string_view(b->path));
  });
}

}  // namespace

std::vector<LogCause> causes_of(const Tally& tally) {
  std::map<const Code*, Problem> reasons;
  for (const FailureGroup& group : tally.groups()) {
    if (group.why != nullptr) {
      reasons.emplace(group.why, group.problem);
    }
  }
  std::map<Problem, LogCause> by_problem;
  for (const FailureGroup& group : tally.groups()) {
    const Problem problem = problem_of(group, reasons);
    by_problem[problem].problem = problem;
    count_in(by_problem[problem], group);
  }
  std::vector<LogCause> causes;
  for (auto& [problem, cause] : by_problem) {
    finish(cause);
    causes.push_back(std::move(cause));
  }
  // Lines that name no client are those of one, the program that wrote the log, unless they are
  // mentions.
  const auto stopped = [](const LogCause& cause) {
    const bool is_story = std::ranges::any_of(cause.groups, [](const FailureGroup* group) {
      return group->client.empty() && !is_mention(*group);
    });
    return std::max<std::size_t>(cause.stopped, is_story ? 1 : 0);
  };
  std::ranges::sort(causes, [&stopped](const LogCause& a, const LogCause& b) {
    return std::tuple(stopped(b), b.count, a.problem) < std::tuple(stopped(a), a.count, b.problem);
  });
  return causes;
}

}  // namespace chainmend::diagnose
