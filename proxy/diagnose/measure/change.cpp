#include "proxy/diagnose/measure/change.h"

#include <algorithm>

namespace chainmend::diagnose {
namespace {

bool has_one_target(const std::vector<MeasuredRate>& rates) {
  return std::ranges::all_of(
      rates, [&](const MeasuredRate& one) { return one.target == rates.front().target; });
}

Direction direction_of(const Rate& before, const Rate& after) {
  if (after.attempts == 0) {
    return Direction::only_before;
  }
  if (before.attempts == 0) {
    return Direction::only_after;
  }
  const double was = *before.value();
  const double is = *after.value();
  const Interval rise = difference_interval(before, after);
  if (is > was) {
    return rise.low > 0 ? Direction::better : Direction::perhaps_better;
  }
  if (is < was) {
    return rise.high < 0 ? Direction::worse : Direction::perhaps_worse;
  }
  return Direction::same;
}

}  // namespace

std::vector<Change> changes(const std::vector<MeasuredRate>& before,
                            const std::vector<MeasuredRate>& after) {
  const bool by_client = has_one_target(before) && has_one_target(after);
  const auto find = [by_client](const std::vector<MeasuredRate>& in, const MeasuredRate& like) {
    return std::ranges::find_if(in, [&](const MeasuredRate& one) {
      return one.client == like.client && (by_client || one.target == like.target);
    });
  };
  std::vector<Change> out;
  for (const MeasuredRate& was : before) {
    const auto is = find(after, was);
    Change change{was, is == after.end() ? MeasuredRate() : *is, Direction::same};
    change.direction = direction_of(change.before.success, change.after.success);
    out.push_back(std::move(change));
  }
  for (const MeasuredRate& is : after) {
    if (find(before, is) == before.end()) {
      out.push_back({MeasuredRate(), is, direction_of(Rate(), is.success)});
    }
  }
  return out;
}

}  // namespace chainmend::diagnose
