#include "certs/pem.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

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

// The label of a "-----BEGIN label-----" or "-----END label-----" line.
std::optional<std::string_view> label_of(std::string_view line, std::string_view opening) {
  line = trim(line);
  if (!line.starts_with(opening) || !line.ends_with(kDashes) ||
      line.size() < opening.size() + kDashes.size()) {
    return std::nullopt;
  }
  return line.substr(opening.size(), line.size() - opening.size() - kDashes.size());
}

bool is_base64(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
  });
}

// The bytes of a whole base64 text without blanks.
std::optional<Bytes> decode(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) {
    return std::nullopt;
  }
  const auto padding = std::min<std::size_t>(base64.size() - base64.find_last_not_of('=') - 1, 3);
  Bytes out(base64.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(out.data(), as_bytes(base64).data(), static_cast<int>(base64.size()));
  if (size < 0 || padding > 2) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
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
      read_line(text_.substr(at, end - at), at, end);
      at = end + 1;
    }
    if (open_) {
      complain("is not closed: no END line before the end of the file", open_->line);
    }
    return std::move(result_);
  }

 private:
  void read_line(std::string_view line, std::size_t at, std::size_t end) {
    if (const auto label = label_of(line, kBegin)) {
      if (open_) {
        complain("is not closed: the next BEGIN comes first", open_->line);
      }
      begin(*label, at);
    } else if (const auto closed = label_of(line, kEnd); closed && open_) {
      finish(*closed, end);
    } else if (open_) {
      read_body(trim(line));
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
      auto der = decode(base64_);
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
};

}  // namespace

bool looks_like_pem(ByteView bytes) {
  return as_text(bytes).find(kBegin) != std::string_view::npos;
}

PemText read_pem(std::string_view text) { return Reader(text).read(); }

}  // namespace chainmend::certs
