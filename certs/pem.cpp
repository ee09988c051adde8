#include "certs/pem.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "certs/file_text.h"

namespace chainmend::certs {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trim(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r\v\f");
  if (first == std::string_view::npos) {
    return {};
  }
  return line.substr(first, line.find_last_not_of(" \t\r\v\f") - first + 1);
}

// A "-----BEGIN label-----" or "-----END label-----", and what stands around it on its line.
struct Marker {
  bool begin = false;
  std::string_view label;
  std::string_view before, behind;
};

std::optional<Marker> find_marker(std::string_view line) {
  const auto begin = line.find(kBegin);
  const auto end = line.find(kEnd);
  const auto start = std::min(begin, end);
  if (start == std::string_view::npos) {
    return std::nullopt;
  }
  const bool is_begin = begin < end;
  const auto label = start + (is_begin ? kBegin : kEnd).size();
  const auto dashes = line.find(kDashes, label);
  if (dashes == std::string_view::npos) {
    return std::nullopt;
  }
  return Marker{is_begin, line.substr(label, dashes - label), line.substr(0, start),
                line.substr(dashes + kDashes.size())};
}

// May a block begin behind these words of its line? Not in a sentence that only speaks of one: but
// behind a quotation mark, as in JSON, and behind the marks of a quoted mail.
bool may_precede_block(std::string_view before) {
  before = trim(before);
  return before.empty() || before.find_first_not_of("> ") == std::string_view::npos ||
         std::string_view("\"'>").find(before.back()) != std::string_view::npos;
}

// A line of base64 without what web pages, mails and lists put around it.
std::string_view without_markup(std::string_view line) {
  constexpr std::array<std::string_view, 9> kBehind = {"<br>", "<br/>", "<br />", "&#13;", "\",",
                                                       "\"",   "',",    "'",      "\\"};
  constexpr std::array<std::string_view, 3> kBefore = {">", "\"", "'"};
  for (bool changed = true; changed;) {
    changed = false;
    line = trim(line);
    for (const std::string_view mark : kBehind) {
      if (line.ends_with(mark)) {
        line.remove_suffix(mark.size());
        changed = true;
      }
    }
    for (const std::string_view mark : kBefore) {
      if (line.starts_with(mark)) {
        line.remove_prefix(mark.size());
        changed = true;
      }
    }
  }
  return line;
}

bool is_base64(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
  });
}

// Reads line by line; at most one block is open at a time.
class Reader {
 public:
  explicit Reader(std::string_view text)
      : text_(text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text) {}

  PemText read() {
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      ++line_;
      read_line(text_.substr(at, end - at), end);
      at = end + 1;
    }
    if (open_) {
      complain("is not closed: no END line before the end of the file", open_->line);
    }
    return std::move(result_);
  }

 private:
  // Several markers may stand on one line.
  void read_line(std::string_view line, std::size_t end) {
    bool behind_marker = false;
    while (const auto marker = find_marker(line)) {
      const std::size_t start = end - line.size() + marker->before.size();
      if (!trim(marker->before).empty()) {
        if (open_) {
          read_body(trim(marker->before));
        } else if (!may_precede_block(marker->before)) {
          return;
        }
        note("a BEGIN or END that is not at the start of its line", joined_noted_);
      } else if (behind_marker) {
        note("two blocks that are joined on one line", joined_noted_);
      }
      read_marker(*marker, start, end - marker->behind.size());
      line = marker->behind;
      behind_marker = true;
    }
    line = trim(line);
    if (open_ && !(behind_marker && line.empty())) {
      read_body(line);
    } else if (!open_ && !behind_marker) {
      notice_bare_base64(line);
    }
  }

  void read_marker(const Marker& marker, std::size_t start, std::size_t end) {
    if (marker.begin) {
      if (open_) {
        complain("is not closed: the next BEGIN comes first", open_->line);
      }
      begin(marker.label, start);
    } else if (open_) {
      finish(marker.label, end);
    }
  }

  // A certificate whose BEGIN line is gone must not vanish without a word.
  void notice_bare_base64(std::string_view line) {
    constexpr std::size_t kLine = 40;
    const bool bare = line.size() >= kLine && line.starts_with("MII") && is_base64(line);
    if (bare && !in_bare_) {
      result_.problems.push_back({ErrorCode::malformed,
                                  "what looks like a certificate or key has no BEGIN line and was "
                                  "passed over: put -----BEGIN CERTIFICATE----- before it",
                                  {},
                                  line_});
    }
    in_bare_ = bare || (in_bare_ && is_base64(line) && !line.empty());
  }

  void note(const char* what, bool& noted) {
    if (!std::exchange(noted, true)) {
      result_.notes.push_back(
          {ErrorCode::malformed, std::string(what) + " was put right", {}, line_});
    }
  }

  void begin(std::string_view label, std::size_t at) {
    open_ =
        PemBlock{.label = std::string(label.substr(0, 64)), .der = {}, .text = {}, .line = line_};
    begin_ = at;
    base64_.clear();
    has_headers_ = false;
    broken_line_ = 0;
  }

  // RFC 1421 headers ("Proc-Type: 4,ENCRYPTED") stand before the first base64 line, ended by an
  // empty one.
  void read_body(std::string_view line) {
    if (base64_.empty() && line.find(':') != std::string_view::npos) {
      has_headers_ = true;
    } else if (is_base64(line)) {
      base64_ += line;
    } else if (const std::string_view bare = without_markup(line); is_base64(bare)) {
      base64_ += bare;
      note("markup around base64", markup_noted_);
    } else if (broken_line_ == 0) {
      broken_line_ = line_;
    }
  }

  void finish(std::string_view label, std::size_t end) {
    if (label != open_->label) {
      return complain("is closed by the END line of another kind", line_);
    }
    if (broken_line_ != 0) {
      return complain("holds a line that is no base64", broken_line_);
    }
    if (!has_headers_) {
      auto der = decode_base64(base64_);
      if (!der) {
        return complain("holds broken base64 (truncated or mistyped)", open_->line);
      }
      open_->der = std::move(*der);
    }
    open_->text = text_.substr(begin_, end - begin_);
    result_.blocks.push_back(std::move(*open_));
    open_.reset();
  }

  void complain(const char* what, std::size_t line) {
    const bool known = is_printable(open_->label);
    result_.problems.push_back({ErrorCode::malformed,
                                "PEM block '" + (known ? open_->label : "?") + "' " + what,
                                {},
                                line});
    open_.reset();
  }

  static bool is_printable(std::string_view label) {
    return std::all_of(label.begin(), label.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  }

  std::string_view text_;
  PemText result_;
  std::size_t line_ = 0;
  std::optional<PemBlock> open_;
  std::size_t begin_ = 0;        // where the open block starts
  std::string base64_;           // of the open block so far
  bool has_headers_ = false;     // the open block does
  std::size_t broken_line_ = 0;  // first line of the open block that is no base64
  bool in_bare_ = false;         // base64 without a BEGIN line, which was reported
  bool joined_noted_ = false, markup_noted_ = false;
};

}  // namespace

bool looks_like_pem(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  return !text.starts_with("PK\x03\x04") && text.find(kBegin) != std::string_view::npos;
}

PemText read_pem(std::string_view text) { return Reader(text).read(); }

}  // namespace chainmend::certs
