#include "proxy/http/body.h"

#include <algorithm>
#include <charconv>

#include "proxy/http/characters.h"
#include "proxy/http/chunk_line.h"
#include "proxy/http/field_line.h"

namespace chainmend::http {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

// "1a2b\r\n", in a buffer of its own.
class SizeLine {
 public:
  explicit SizeLine(std::uint64_t size) noexcept {
    char* end = std::to_chars(text_, text_ + 16, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    length_ = static_cast<std::size_t>(end - text_);
  }
  std::string_view text() const noexcept { return {text_, length_}; }

 private:
  char text_[18];
  std::size_t length_;
};

}  // namespace

std::string_view text_of(BodyFault fault) noexcept {
  switch (fault) {
    case BodyFault::bad_chunk_line:
      return "malformed chunk size line";
    case BodyFault::chunk_line_too_long:
      return "a chunk size line is too long";
    case BodyFault::chunk_too_big:
      return "a chunk size is out of range";
    case BodyFault::bad_chunk_end:
      return "no CRLF behind a chunk";
    case BodyFault::bad_trailer:
      return "malformed trailer field";
    case BodyFault::trailer_too_big:
      return "the trailer section is too big";
    case BodyFault::truncated:
      return "the connection closed in the middle of a body";
    case BodyFault::body_too_big:
      return "the body is too big";
  }
  return "malformed body";
}

// Output: what one step sends. As long as it is one stretch of the input, it stays a view; only
// when something is left out or put in between is it gathered in the scratch string.
class BodyRelay::Output {
 public:
  Output(std::string_view in, std::string& scratch) : in_(in), scratch_(scratch) {
    scratch_.clear();
  }

  // These bytes of the input, unchanged.
  void pass(std::size_t position, std::size_t size) {
    if (size == 0) {
      return;
    }
    if (begin_ + size_ != position) {
      spill();
      begin_ = position;
    }
    size_ += size;
  }
  void write(std::string_view bytes) {
    spill();
    scratch_.append(bytes);
  }
  std::string_view view() {
    if (scratch_.empty()) {
      return in_.substr(begin_, size_);
    }
    spill();
    return scratch_;
  }

 private:
  void spill() {
    scratch_.append(in_.substr(begin_, size_));
    begin_ += size_;
    size_ = 0;
  }

  std::string_view in_;
  std::string& scratch_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

void BodyRelay::start(Framing in, Framing out, std::span<const std::string_view> connection_options,
                      const BodyLimits& limits) {
  in_ = in;
  out_ = out;
  limits_ = limits;
  connection_options_ = connection_options;
  payload_ = 0;
  line_.clear();
  trailers_.clear();
  trailer_bytes_ = trailer_fields_ = 0;
  remaining_ = in.kind == Framing::Kind::length ? in.length : 0;
  state_ = in.kind == Framing::Kind::chunked ? State::chunk_line : State::bare;
  const bool nothing_to_read =
      in.kind == Framing::Kind::none || (in.kind == Framing::Kind::length && in.length == 0);
  if (nothing_to_read && out.kind != Framing::Kind::chunked) {
    state_ = State::done;
  }
}

BodyStep BodyRelay::step(std::string_view in, std::string& scratch) {
  Output output(in, scratch);
  std::size_t position = 0;
  bool more = true;
  while (more) {
    switch (state_) {
      case State::bare:
        bare(in, position, output);
        more = false;
        break;
      case State::chunk_line:
        more = chunk_line(in, position, output);
        break;
      case State::chunk_data:
        more = chunk_data(in, position, output);
        break;
      case State::chunk_cr:
      case State::chunk_lf:
        more = chunk_end(in, position, output);
        break;
      case State::trailer:
        more = trailer(in, position, output);
        break;
      case State::done:
      case State::failed:
        more = false;
        break;
    }
  }
  return finish_step(position, output);
}

BodyStep BodyRelay::finish_eof(std::string& scratch) {
  Output output({}, scratch);
  if (state_ == State::bare && in_.kind == Framing::Kind::until_close) {
    end_bare(output);
  } else if (state_ != State::done) {
    fail(BodyFault::truncated);
  }
  return finish_step(0, output);
}

BodyStep BodyRelay::finish_step(std::size_t consumed, Output& output) const {
  BodyStep step{consumed, output.view(), state_ == State::done, std::nullopt};
  if (state_ == State::failed) {
    step.fault = fault_;
  }
  return step;
}

void BodyRelay::bare(std::string_view in, std::size_t& position, Output& output) {
  const bool bounded = in_.kind != Framing::Kind::until_close;
  const std::uint64_t wanted = bounded ? std::min<std::uint64_t>(remaining_, in.size()) : in.size();
  const std::uint64_t taken = std::min(wanted, limits_.payload - payload_);
  const auto size = static_cast<std::size_t>(taken);
  if (size > 0 && out_.kind == Framing::Kind::chunked) {
    output.write(SizeLine(size).text());
    output.pass(0, size);
    output.write("\r\n");
  } else if (out_.kind != Framing::Kind::none) {
    output.pass(0, size);
  }
  position = size;
  payload_ += taken;
  remaining_ -= bounded ? taken : 0;
  if (taken < wanted) {
    fail(BodyFault::body_too_big);
  } else if (bounded && remaining_ == 0) {
    end_bare(output);
  }
}

bool BodyRelay::chunk_line(std::string_view in, std::size_t& position, Output& output) {
  const std::size_t start = position;
  const bool whole = line_.empty();
  const auto line =
      take_line(in, position,
                {limits_.chunk_line, BodyFault::bad_chunk_line, BodyFault::chunk_line_too_long});
  if (!line) {
    return false;
  }
  const auto parsed = parse_chunk_line(*line);
  if (!parsed) {
    fail(parsed.error());
    return false;
  }
  const std::uint64_t size = *parsed;
  if (size > limits_.payload - payload_) {
    fail(BodyFault::body_too_big);
    return false;
  }
  remaining_ = size;
  state_ = size == 0 ? State::trailer : State::chunk_data;
  if (size > 0 && out_.kind == Framing::Kind::chunked) {
    const SizeLine canonical(size);
    if (whole && in.substr(start, position - start) == canonical.text()) {
      output.pass(start, position - start);
    } else {
      output.write(canonical.text());
    }
  }
  line_.clear();
  return true;
}

bool BodyRelay::chunk_data(std::string_view in, std::size_t& position, Output& output) {
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, in.size() - position));
  if (out_.kind != Framing::Kind::none) {
    output.pass(position, size);
  }
  position += size;
  payload_ += size;
  remaining_ -= size;
  if (remaining_ > 0) {
    return false;
  }
  state_ = State::chunk_cr;
  return true;
}

// The CRLF goes out only when both bytes have come.
bool BodyRelay::chunk_end(std::string_view in, std::size_t& position, Output& output) {
  if (position == in.size()) {
    return false;
  }
  const char expected = state_ == State::chunk_cr ? '\r' : '\n';
  if (in[position] != expected) {
    fail(BodyFault::bad_chunk_end);
    return false;
  }
  ++position;
  if (state_ == State::chunk_cr) {
    state_ = State::chunk_lf;
    return true;
  }
  state_ = State::chunk_line;
  if (out_.kind == Framing::Kind::chunked) {
    if (position >= 2) {
      output.pass(position - 2, 2);
    } else {
      output.write("\r\n");
    }
  }
  return true;
}

bool BodyRelay::trailer(std::string_view in, std::size_t& position, Output& output) {
  const auto line = take_line(
      in, position,
      {limits_.trailer_bytes - trailer_bytes_, BodyFault::bad_trailer, BodyFault::trailer_too_big});
  if (!line) {
    return false;
  }
  trailer_bytes_ += line->size() + 2;
  if (line->empty()) {
    end_trailers(in, position, output);
    return false;
  }
  const auto field = parse_field_line(*line);
  if (!field) {
    fail(BodyFault::bad_trailer);
    return false;
  }
  if (++trailer_fields_ > limits_.trailer_fields) {
    fail(BodyFault::trailer_too_big);
    return false;
  }
  const bool connection_bound = std::ranges::any_of(
      connection_options_, [&](std::string_view option) { return same_name(option, field->name); });
  if (out_.kind == Framing::Kind::chunked && !connection_bound &&
      allowed_in_trailers(field->name)) {
    trailers_.append(field->name).append(": ").append(field->value).append("\r\n");
  }
  line_.clear();
  return true;
}

// The last chunk goes out with all trailers behind it and not before: a body cut short never looks
// complete.
void BodyRelay::end_trailers(std::string_view in, std::size_t position, Output& output) {
  state_ = State::done;
  if (out_.kind != Framing::Kind::chunked) {
    return;
  }
  if (!trailers_.empty()) {
    output.write("0\r\n");
    output.write(trailers_);
    output.write("\r\n");
  } else if (in.substr(0, position).ends_with(kLastChunk)) {
    output.pass(position - kLastChunk.size(), kLastChunk.size());
  } else {
    output.write(kLastChunk);
  }
}

void BodyRelay::end_bare(Output& output) {
  state_ = State::done;
  if (out_.kind == Framing::Kind::chunked) {
    output.write(kLastChunk);
  }
}

std::optional<std::string_view> BodyRelay::take_line(std::string_view in, std::size_t& position,
                                                     const LineRules& rules) {
  const std::size_t start = position;
  const std::size_t had = line_.size();
  bool after_cr = had > 0 && line_.back() == '\r';
  for (; position < in.size(); ++position) {
    const char c = in[position];
    if (had + (position - start) == rules.limit) {
      fail(rules.too_long);
      return std::nullopt;
    }
    if (after_cr && c == '\n') {
      ++position;
      std::string_view line = in.substr(start, position - start);
      if (had > 0) {
        line = line_.append(line);
      }
      line.remove_suffix(2);
      return line;
    }
    if (after_cr || (c != '\r' && is(c, kControl))) {
      fail(rules.malformed);
      return std::nullopt;
    }
    after_cr = c == '\r';
  }
  line_.append(in.substr(start));
  return std::nullopt;
}

void BodyRelay::fail(BodyFault fault) noexcept {
  state_ = State::failed;
  fault_ = fault;
}

}  // namespace chainmend::http
