#include "proxy/diagnose/read/log_files.h"

#include <algorithm>
#include <compare>
#include <filesystem>
#include <string_view>

namespace chainmend::diagnose {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 100'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view digits_of(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) {
    ++size;
  }
  return text.substr(0, size);
}

// Numbers as numbers: "u_ex9.log" before "u_ex10.log".
std::strong_ordering by_numbers(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    std::string_view left = digits_of(a);
    std::string_view right = digits_of(b);
    if (left.empty() || right.empty()) {
      if (a.front() != b.front()) {
        return a.front() <=> b.front();
      }
      a.remove_prefix(1);
      b.remove_prefix(1);
      continue;
    }
    a.remove_prefix(left.size());
    b.remove_prefix(right.size());
    left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
    right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
    if (left.size() != right.size()) {
      return left.size() <=> right.size();
    }
    if (left != right) {
      return left <=> right;
    }
  }
  return a.size() <=> b.size();
}

// "x.log.2.gz" is the turn 2 of "x.log": logrotate counts up while files grow old.
struct Rotated {
  std::string_view set;
  std::string_view turn;  // without leading zeros; empty: the file that is written now
};

Rotated rotated(std::string_view name) {
  if (name.ends_with(".gz")) {
    name.remove_suffix(3);
  }
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) {
    return {name, ""};
  }
  const std::string_view end = name.substr(dot + 1);
  const bool is_turn = !end.empty() && end.size() <= 3 && digits_of(end) == end;
  return is_turn ? Rotated{name.substr(0, dot), end} : Rotated{name, ""};
}

bool is_older(const std::string& a, const std::string& b) {
  const Rotated left = rotated(a);
  const Rotated right = rotated(b);
  if (const auto order = by_numbers(left.set, right.set); order != 0) {
    return order < 0;
  }
  if (left.turn.empty() != right.turn.empty()) {
    return right.turn.empty();
  }
  return by_numbers(left.turn, right.turn) > 0;
}

void add_folder(const std::string& path, LogFiles& found) {
  std::error_code error;
  fs::recursive_directory_iterator entries(path, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code about;
    if (!entries->is_regular_file(about) || about) {
      continue;
    }
    if (found.files.size() == kMaxFiles) {
      found.problems.push_back(path + ": only the first " + std::to_string(kMaxFiles) +
                               " files were read");
      return;
    }
    found.files.push_back(entries->path().string());
  }
  if (error) {
    found.problems.push_back("cannot read " + path + ": " + error.message());
  }
}

}  // namespace

LogFiles log_files(const std::vector<std::string>& paths) {
  LogFiles found;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      add_folder(path, found);
    } else {
      found.files.push_back(path);
    }
  }
  std::ranges::sort(found.files, is_older);
  return found;
}

}  // namespace chainmend::diagnose
