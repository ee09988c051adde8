// W3cReader: logs of IIS and of HTTP.SYS, whose columns a #Fields line names.
//
// Holds on what people paste, too: lines without #Fields before them are read as IIS writes them by
// default, a line that was wrapped is joined with those behind it, and "40316" is 403 and 16.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "proxy/diagnose/read/line_reader.h"

namespace chainmend::diagnose {

class W3cReader : public LineReader {
 public:
  explicit W3cReader(Tally& tally);
  void line(std::string_view line, std::uint64_t number) override;
  void finish() override;

  // True for a line that begins as those of IIS do: date, time, address, method, path.
  static bool begins_entry(std::string_view line);
  // True while the rest of a wrapped line is expected.
  bool is_waiting() const { return !waiting_.empty(); }

 private:
  enum Column : std::uint8_t {
    date,
    time,
    client,
    method,
    path,
    user,
    agent,
    status,
    substatus,
    win32,
    reason,     // of HTTP.SYS
    forwarded,  // a field that the administrator added: the client, when `client` is a proxy
    kColumns
  };
  static constexpr std::size_t kMaxFields = 64;
  static constexpr std::uint8_t kNone = 0xFF;
  struct Fields {
    std::array<std::string_view, kMaxFields> all;
    std::size_t count = 0;
  };

  void directive(std::string_view line);
  // False when the line does not have what the columns ask for: it may have been wrapped.
  bool entry(std::string_view line);
  bool loose_entry(Fields& fields);
  void take(const Fields& fields);
  std::string_view field(const Fields& fields, Column column) const;
  std::string_view caller(const Fields& fields) const;
  std::string_view request(const Fields& fields) const;
  void take_failure(const Fields& fields, int status, int substatus);
  void wait_for_more(std::string_view line, std::uint64_t number);
  void give_up();

  bool has_fields_ = false;
  std::array<std::uint8_t, kColumns> columns_{};  // where each is; kNone: not logged
  std::size_t column_count_ = 0;
  std::string date_;     // of #Date, for logs without a date column
  std::string waiting_;  // the beginning of a line that was wrapped
  std::uint64_t waiting_number_ = 0;
};

}  // namespace chainmend::diagnose
