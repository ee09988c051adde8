#include "config/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace chainmend::config {
namespace {

constexpr std::size_t kLongestWord = 64;  // longer ones are no typing errors
constexpr std::size_t kShortestPrefix = 3;

std::string folded(std::string_view word) {
  std::string out(word);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    } else if (c == '-') {
      c = '_';
    }
  }
  return out;
}

// Insertions, deletions, replacements and swaps of neighbours that lead from a to b (optimal string
// alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongestWord + 1>;
  Row before_last{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = last;
    last = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

bool begins(std::string_view longer, std::string_view shorter) {
  return shorter.size() >= kShortestPrefix && longer.starts_with(shorter);
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates) {
  if (word.empty() || word.size() > kLongestWord) {
    return std::nullopt;
  }
  const std::string wanted = folded(word);
  const std::size_t tolerated = std::max<std::size_t>(1, word.size() / 3);
  std::optional<std::string_view> best;
  std::optional<std::string_view> completed;
  std::size_t best_distance = tolerated + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestWord) {
      continue;
    }
    const std::string known = folded(candidate);
    if (!completed && (begins(known, wanted) || begins(wanted, known))) {
      completed = candidate;
    }
    const std::size_t edits = distance(wanted, known);
    if (edits < best_distance) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best ? best : completed;
}

}  // namespace chainmend::config
