// Lines: cuts a stream of bytes into lines without copying them, whatever their length; or into
// other pieces that end with one character.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chainmend::diagnose {

class Lines {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{64} * 1024;

  explicit Lines(char end = '\n') : end_(end) {}

  // Calls visit(line, number) for each line that ends in this block, without its line end; line
  // stays good for the call. Of a longer line than kMaxLine only the beginning comes.
  template <typename Visit>
  void feed(std::string_view block, Visit visit) {
    while (!block.empty()) {
      const auto end = block.find(end_);
      const std::string_view piece = block.substr(0, end);
      if (end == std::string_view::npos) {
        keep(piece);
        return;
      }
      if (kept_.empty() && piece.size() <= kMaxLine) {
        visit(trimmed(piece), ++count_);
      } else {
        keep(piece);
        flush(visit);
      }
      block.remove_prefix(end + 1);
    }
  }

  // The last line, when nothing ended it.
  template <typename Visit>
  void finish(Visit visit) {
    if (!kept_.empty()) {
      flush(visit);
    }
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t cut() const { return cut_; }  // lines that were longer than kMaxLine

 private:
  static std::string_view trimmed(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  void keep(std::string_view piece) {
    const std::size_t room = kMaxLine - kept_.size();
    is_cut_ = is_cut_ || piece.size() > room;
    kept_ += piece.substr(0, room);
  }
  template <typename Visit>
  void flush(Visit& visit) {
    cut_ += is_cut_ ? 1 : 0;
    visit(trimmed(kept_), ++count_);
    kept_.clear();
    is_cut_ = false;
  }

  char end_;
  std::string kept_;  // the beginning of a line whose end has not come
  bool is_cut_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t cut_ = 0;
};

}  // namespace chainmend::diagnose
