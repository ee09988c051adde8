#include "proxy/logs/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <ratio>
#include <variant>

#include "proxy/logs/line_buffer.h"
#include "proxy/logs/line_file.h"
#include "proxy/logs/time_text.h"

namespace chainmend::logs {

namespace {

using config::AccessField;

constexpr std::size_t kMaxTextBytes = 1024;  // of one value
constexpr std::size_t kUsualLine = 1024;

using Milliseconds = std::optional<std::chrono::nanoseconds>;
using Value = std::variant<std::string_view, std::uint64_t, bool, Milliseconds>;

Value time_of(const AccessRecord& r, AccessField field) {
  switch (field) {
    case AccessField::connect_ms:
      return r.connect;
    case AccessField::tls_ms:
      return r.tls;
    case AccessField::first_byte_ms:
      return r.first_byte;
    default:
      return r.total;
  }
}

Value number_of(const AccessRecord& r, AccessField field) {
  switch (field) {
    case AccessField::connection:
      return r.connection;
    case AccessField::status:
      return std::uint64_t{r.status};
    case AccessField::bytes_in:
      return r.bytes_in;
    case AccessField::bytes_out:
      return r.bytes_out;
    case AccessField::resumed:
      return r.resumed;
    case AccessField::reused:
      return r.reused;
    case AccessField::upstream_reused:
      return r.upstream_reused;
    default:
      return time_of(r, field);
  }
}

// `time` is no borrowed text and is not asked for here.
Value value_of(const AccessRecord& r, AccessField field) {
  using Text = std::string_view AccessRecord::*;
  static constexpr enums::Array<Text, AccessField> kTexts = [] {
    enums::Array<Text, AccessField> texts{};
    texts[AccessField::listener] = &AccessRecord::listener;
    texts[AccessField::request_id] = &AccessRecord::request_id;
    texts[AccessField::client] = &AccessRecord::client;
    texts[AccessField::client_type] = &AccessRecord::client_type;
    texts[AccessField::method] = &AccessRecord::method;
    texts[AccessField::host] = &AccessRecord::host;
    texts[AccessField::path] = &AccessRecord::path;
    texts[AccessField::query] = &AccessRecord::query;
    texts[AccessField::protocol] = &AccessRecord::protocol;
    texts[AccessField::end] = &AccessRecord::end;
    texts[AccessField::route] = &AccessRecord::route;
    texts[AccessField::upstream] = &AccessRecord::upstream;
    texts[AccessField::server] = &AccessRecord::server;
    texts[AccessField::tls_version] = &AccessRecord::tls_version;
    texts[AccessField::tls_suite] = &AccessRecord::tls_suite;
    texts[AccessField::server_name] = &AccessRecord::server_name;
    texts[AccessField::user_agent] = &AccessRecord::user_agent;
    return texts;
  }();
  const Text text = kTexts[field];
  return text != nullptr ? Value((r.*text).substr(0, kMaxTextBytes)) : number_of(r, field);
}

// Control characters, quotes, backslashes and whatever is not ASCII, as `escape` writes a byte: no
// value can forge a line or another value, nor play with a terminal.
void append_text(std::string& out, std::string_view text, fmt::format_string<unsigned> escape) {
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, is_plain)) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (is_plain(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), escape,
                     static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
}

void append_number(std::string& out, std::uint64_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
}

// With one digit behind the point.
void append_milliseconds(std::string& out, std::chrono::nanoseconds time) {
  using Tenths = std::chrono::duration<std::uint64_t, std::ratio<1, 10'000>>;
  const std::uint64_t tenths = std::chrono::duration_cast<Tenths>(time).count();
  append_number(out, tenths / 10);
  out += '.';
  out += static_cast<char>('0' + tenths % 10);
}

// A value in a line of text; "-" stands for none.
void append_plain(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    text->empty() ? out.append("-") : (append_text(out, *text, "\\x{:02x}"), out);
  } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    append_number(out, *number);
  } else if (const auto* yes = std::get_if<bool>(&value)) {
    out.append(*yes ? "yes" : "no");
  } else if (const Milliseconds& time = std::get<Milliseconds>(value)) {
    append_milliseconds(out, *time);
  } else {
    out.append("-");
  }
}

// Nothing where there is no value. A byte stands as the character of its number.
void append_json(std::string& out, AccessField field, const Value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  const auto* time = std::get_if<Milliseconds>(&value);
  if ((text != nullptr && text->empty()) || (time != nullptr && !*time)) {
    return;
  }
  out.append(",\"").append(config::kAccessFieldNames[field]).append("\":");
  if (text != nullptr) {
    out += '"';
    append_text(out, *text, "\\u{:04x}");
    out += '"';
  } else if (const auto* yes = std::get_if<bool>(&value)) {
    out.append(*yes ? "true" : "false");
  } else {
    append_plain(out, value);
  }
}

std::string json_line(const AccessRecord& record) {
  std::string out;
  out.reserve(kUsualLine);
  out.append("{\"time\":\"").append(time_text(record.time)).append("\"");
  for (std::size_t i = 1; i < enums::count<AccessField>(); ++i) {
    const auto field = static_cast<AccessField>(i);
    append_json(out, field, value_of(record, field));
  }
  out.append("}\n");
  return out;
}

}  // namespace

std::string access_line(const AccessRecord& record, const std::vector<config::AccessPart>& format) {
  if (format.empty()) {
    return json_line(record);
  }
  std::string out;
  for (const config::AccessPart& part : format) {
    out += part.text;
    if (part.field == AccessField::time) {
      out += time_text(record.time);
    } else if (part.field) {
      append_plain(out, value_of(record, *part.field));
    }
  }
  out += '\n';
  return out;
}

class AccessLog::Impl {
 public:
  explicit Impl(Log& log)
      : lines_([this, &log](std::string_view lines) { return file.write(lines, log); }) {}

  LineFile file{"access_log_failed"};
  std::atomic<std::uint64_t> sampled{0};

  LineBuffer& lines() { return lines_; }

 private:
  LineBuffer lines_;  // last: its end writes what has gathered to the file
};

AccessLog::AccessLog(Log& log) : impl_(std::make_unique<Impl>(log)) {}
AccessLog::~AccessLog() = default;

void AccessLog::use(std::optional<OpenedFile> file) { impl_->file.use(std::move(file)); }

bool AccessLog::is_open() const { return impl_->file.is_open(); }

// The n-th is taken when n times the share reaches another whole number.
bool AccessLog::takes_sample(double share) {
  if (share >= 1) {
    return true;
  }
  const auto n = static_cast<double>(impl_->sampled.fetch_add(1, std::memory_order_relaxed));
  return std::floor((n + 1) * share) != std::floor(n * share);
}

void AccessLog::write(const AccessRecord& record, const std::vector<config::AccessPart>& format) {
  impl_->lines().append(access_line(record, format));
}

std::uint64_t AccessLog::dropped() const { return impl_->lines().dropped(); }

}  // namespace chainmend::logs
