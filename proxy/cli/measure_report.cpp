#include "proxy/cli/measure_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {
namespace {

using diagnose::Row;
using diagnose::Times;

constexpr std::size_t kBar = 6;

// "0.4", "12", "1520": milliseconds, as exact as the eye needs them.
std::string ms(std::chrono::microseconds time) {
  const double value = static_cast<double>(time.count()) / 1000;
  return value < 9.95 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

std::string times(const Times& times) {
  const auto some = times.percentiles();
  return some ? ms(some->p50) + "/" + ms(some->p95) + "/" + ms(some->p99) : "-";
}

// Never "100 %" or "0 %" of what is not all or nothing.
std::string percent(const diagnose::Rate& rate) {
  const double value = *rate.value() * 100;
  const bool whole = rate.successes == 0 || rate.successes == rate.attempts;
  return fmt::format("{:.0f} %", whole ? value : std::clamp(value, 1.0, 99.0));
}

std::string bar(const diagnose::Rate& rate) {
  auto full = static_cast<std::size_t>(std::lround(*rate.value() * kBar));
  if (rate.successes != rate.attempts) {
    full = std::min(full, kBar - 1);
  }
  if (rate.successes != 0) {
    full = std::max<std::size_t>(full, 1);
  }
  return std::string(full, '#') + std::string(kBar - full, '.');
}

Style style_of(const diagnose::Rate& rate) {
  return rate.successes == rate.attempts ? Style::good
         : rate.successes == 0           ? Style::bad
                                         : Style::warning;
}

std::string version_of(const Row& row) {
  std::string versions;
  std::uint16_t last = 0;
  for (const auto& [negotiated, count] : row.negotiated) {
    if (negotiated.first != last) {
      versions +=
          (versions.empty() ? "" : " ") + std::string(clients::version_label(negotiated.first));
      last = negotiated.first;
    }
  }
  return versions.empty() ? "-" : versions;
}

void print_row(const Terminal& out, const Row& row) {
  const diagnose::Rate rate = row.success();
  if (rate.attempts == 0) {
    out.line(fmt::format("{:22} not tried yet", row.client));
    return;
  }
  out.line(fmt::format("{:22} {} {:>5} {:>7} {:>12} {:>12}  {}", logs::visible(row.client),
                       out.styled(style_of(rate), bar(rate)), percent(rate),
                       fmt::format("{}/{}", rate.successes, rate.attempts), times(row.connect),
                       times(row.handshake), version_of(row)));
}

// What several rows have in common is said once: a text, and the names of the clients.
class Grouped {
 public:
  void add(const std::string& text, const Row& row, std::uint64_t count) {
    const auto [place, is_new] = groups_.try_emplace(text);
    if (is_new) {
      order_.push_back(text);
    }
    place->second.count += count;
    place->second.clients += (place->second.clients.empty() ? "" : ", ") + row.client;
  }
  void print(const Terminal& out, const char* heading) const {
    if (!order_.empty()) {
      out.line();
      out.line(out.styled(Style::bold, heading));
    }
    for (const std::string& text : order_) {
      const Group& group = groups_.at(text);
      const std::string count = fmt::format("{:>6} ", group.count);
      out.wrapped(count, count.size(), logs::visible(text));
      out.wrapped(std::string(count.size() + 2, ' '), count.size() + 2,
                  logs::visible(group.clients));
    }
  }

 private:
  struct Group {
    std::uint64_t count = 0;
    std::string clients;
  };
  std::map<std::string, Group> groups_;
  std::vector<std::string> order_;
};

void print_details(const Terminal& out, const std::vector<const Row*>& rows) {
  Grouped failures;
  Grouped negotiated;
  Grouped depends;
  Grouped resumed;
  for (const Row* row : rows) {
    for (const auto& [reason, of_reason] : row->failures) {
      failures.add(std::string(tls::to_string(reason)) + ": " + of_reason.example, *row,
                   of_reason.count);
    }
    for (const auto& [agreed, count] : row->negotiated) {
      negotiated.add(std::string(clients::version_label(agreed.first)) + " " +
                         clients::suite_name(agreed.second),
                     *row, count);
    }
    if (!row->depends.empty() && row->success().successes != 0) {
      depends.add(row->depends, *row, row->success().successes);
    }
    if (const diagnose::Rate& some = row->resumption; some.attempts != 0) {
      resumed.add(some.successes == some.attempts ? "always"
                  : some.successes == 0           ? "never"
                                                  : "sometimes",
                  *row, some.successes);
    }
  }
  failures.print(out, "FAILED, BY REASON");
  depends.print(out, "SUCCEEDED, BUT ONLY");
  negotiated.print(out, "NEGOTIATED");
  resumed.print(out, "RESUMED A SESSION WHEN IT WAS ASKED");
}

void print_target(const Terminal& out, const std::vector<const Row*>& rows,
                  const std::string& roots) {
  const Row& first = *rows.front();
  out.line(out.styled(Style::bold, logs::visible(first.target)) +
           (first.address.empty() ? "" : " at " + first.address));
  if (!roots.empty()) {
    out.wrapped("  ", 2, "certificates are judged by " + roots);
  }
  out.line();
  out.line(fmt::format("{:43} {:>12} {:>12}", "", "CONNECT ms", "HANDSHAKE ms"));
  out.line(out.styled(Style::bold, fmt::format("{:22} {:20} {:>12} {:>12}  {}", "CLIENT", "SUCCESS",
                                               "p50/p95/p99", "p50/p95/p99", "VERSION")));
  for (const Row* row : rows) {
    print_row(out, *row);
  }
  print_details(out, rows);
}

// A field of RFC 4180. What a spreadsheet would take for a formula is led by a quote.
std::string csv_field(std::string_view text) {
  std::string plain = logs::visible(text);
  if (!plain.empty() && std::string_view("=+-@").find(plain.front()) != std::string_view::npos) {
    plain.insert(plain.begin(), '\'');
  }
  std::string out = "\"";
  for (const char c : plain) {
    out.append(c == '"' ? 2 : 1, c);
  }
  return out + "\"";
}

std::string csv_times(const Times& times) {
  const auto some = times.percentiles();
  if (!some) {
    return ",,";
  }
  const auto text = [](std::chrono::microseconds time) {
    return fmt::format("{:.3f}", static_cast<double>(time.count()) / 1000);
  };
  return text(some->p50) + "," + text(some->p95) + "," + text(some->p99);
}

}  // namespace

void print_measurement(const Terminal& out, const Measurement& found) {
  std::vector<const Row*> rows;
  const auto flush = [&] {
    if (!rows.empty()) {
      print_target(out, rows, found.roots);
      out.line();
      rows.clear();
    }
  };
  for (const Row& row : found.rows) {
    if (!rows.empty() && std::tie(rows.front()->target, rows.front()->address) !=
                             std::tie(row.target, row.address)) {
      flush();
    }
    rows.push_back(&row);
  }
  flush();
  for (const auto& [target, why] : found.unreachable) {
    out.line(out.styled(Style::bad, logs::visible(target) + ": " + logs::visible(why)));
  }
  if (found.interrupted) {
    out.line("interrupted: these are the attempts made until then");
  }
}

std::string measurement_csv(const Measurement& found) {
  std::string out =
      "target,address,client,client_type,attempts,succeeded,success_percent,connect_p50_ms,"
      "connect_p95_ms,connect_p99_ms,handshake_p50_ms,handshake_p95_ms,handshake_p99_ms,"
      "resumption_asked,resumption_granted,failures\r\n";
  for (const Row& row : found.rows) {
    const diagnose::Rate rate = row.success();
    std::string failures;
    for (const auto& [reason, of_reason] : row.failures) {
      failures += fmt::format("{}{}={}", failures.empty() ? "" : ";", tls::to_string(reason),
                              of_reason.count);
    }
    fmt::format_to(std::back_inserter(out), "{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
                   csv_field(row.target), csv_field(row.address), csv_field(row.client),
                   csv_field(row.client_type), rate.attempts, rate.successes,
                   rate.attempts == 0 ? "" : fmt::format("{:.2f}", *rate.value() * 100),
                   csv_times(row.connect), csv_times(row.handshake), row.resumption.attempts,
                   row.resumption.successes, csv_field(failures));
  }
  return out;
}

}  // namespace chainmend::cli
