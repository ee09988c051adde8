#include "proxy/logs/handshake_log.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ranges>
#include <tuple>
#include <utility>

#include "certs/file_text.h"
#include "proxy/clients/fingerprint.h"
#include "proxy/clients/recordable_hello.h"
#include "proxy/clients/suites.h"
#include "proxy/logs/line_file.h"
#include "proxy/logs/line_writer.h"
#include "proxy/logs/time_text.h"

namespace chainmend::logs {
namespace {

using Json = nlohmann::ordered_json;
using Time = std::chrono::system_clock::time_point;
using Second = std::chrono::sys_seconds;

constexpr std::size_t kQueueLines = 1024;
constexpr std::size_t kMaxTextBytes = 1024;  // of one value
constexpr std::size_t kMaxListed = 128;      // versions or suites of one hello

// ASCII only, so that no terminal that shows the file can be played with; bad UTF-8 becomes U+FFFD.
std::string line_of(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
}

void put(Json& json, const char* key, std::string_view text) {
  if (!text.empty()) {
    json[key] = text.substr(0, kMaxTextBytes);
  }
}

// "tls1.2", or the number where a name says too little.
std::string version_text(std::uint16_t version) {
  const std::string_view label = clients::version_label(version);
  return label == "unknown" ? fmt::format("0x{:04x}", version) : std::string(label);
}

void put_hello(Json& json, const clients::ClientHello& hello) {
  put(json, "sni", hello.server_name);
  json["max_version"] = version_text(hello.max_version());
  Json& versions = json["versions"] = Json::array();
  for (const std::uint16_t version : hello.supported_versions | std::views::take(kMaxListed)) {
    versions.push_back(version_text(version));
  }
  if (versions.empty()) {  // before TLS 1.3 a hello names its best version only
    versions.push_back(version_text(hello.legacy_version));
  }
  Json& suites = json["suites"] = Json::array();
  for (const std::uint16_t suite : hello.suites | std::views::take(kMaxListed)) {
    suites.push_back(fmt::format("0x{:04x}", suite));
  }
  if (hello.suites.size() > kMaxListed) {
    json["suites_offered"] = hello.suites.size();
  }
  put(json, "ja3", clients::ja3(hello));
  put(json, "ja4", clients::text_of(clients::ja4(hello)));
}

void put_served(Json& json, const tls::ServedFacts& served) {
  if (served.policy != nullptr) {
    put(json, "policy", served.policy->name);
  }
  if (served.list == nullptr) {
    return;
  }
  const tls::ServedList& list = *served.list;
  put(json, "certificate", list.certificate);
  Json& chain = json["chain"] = {
      {"name", list.chain}, {"length", list.links.size()}, {"complete", list.complete}};
  put(chain, list.complete ? "root" : "missing", list.issuer);
}

void put_negotiated(Json& json, const HandshakeRecord& record) {
  if (record.outcome.negotiated_version != 0) {
    json["version"] = version_text(record.outcome.negotiated_version);
  }
  if (record.suite != 0) {
    json["suite"] = clients::suite_name(record.suite);
  }
  put(json, "group", record.group);
  if (record.outcome.outcome != tls::Outcome::failed) {
    json["resumed"] = record.outcome.outcome == tls::Outcome::resumed;
  }
}

Json json_of(const HandshakeRecord& record, Time now) {
  Json json;
  json["time"] = time_text(now);
  json["event"] = "handshake";
  json["connection"] = record.connection;
  put(json, "listener", record.listener);
  put(json, "peer", record.peer);
  put(json, "upstream", record.upstream);
  put(json, "client_type", record.client_type);
  put(json, "client_rule", record.client_rule);
  put(json, "client_confidence", record.client_confidence);
  put(json, "outcome", tls::to_string(record.outcome.outcome));
  put(json, "reason", tls::to_string(record.outcome.reason));
  put(json, "stage", tls::to_string(record.outcome.stage));
  if (record.outcome.alert) {
    json["alert"] = tls::alert_name(record.outcome.alert->code);
    json["alert_code"] = record.outcome.alert->code;
    json["direction"] = tls::to_string(record.outcome.alert->direction);
  }
  put(json, "hint", record.hint);
  if (!record.causes.empty()) {
    Json& causes = json["causes"] = Json::array();
    for (const tls::PossibleCause& one : record.causes) {
      causes.push_back(tls::to_string(one.cause));
    }
  }
  put_served(json, record.served);
  put_negotiated(json, record);
  if (record.hello != nullptr) {
    put_hello(json, *record.hello);
  }
  if (const auto hello = clients::recordable_hello(record.first_flight); !hello.empty()) {
    json["hello"] = certs::encode_base64(hello);
  }
  return json;
}

// How many lines of one kind went out in the current second, and how many did not.
struct Rate {
  Second second;
  unsigned written = 0;
  std::uint64_t dropped = 0;
};

}  // namespace

class HandshakeLog::Impl {
 public:
  Impl(Log& log, Options options)
      : options_(std::move(options)),
        writer_([this, &log](std::string_view line) { return file_.write(line, log); },
                kQueueLines) {}
  ~Impl() { tell_dropped(Second::max()); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  LineFile& file() { return file_; }
  const LastFailures& last_failures() const { return last_failures_; }
  void note_failure(const HandshakeRecord& record) {
    last_failures_.note(record, options_.clock());
  }

  void log_hellos(bool wanted) { hellos_.store(wanted, std::memory_order_relaxed); }
  bool wants_hellos() const { return hellos_.load(std::memory_order_relaxed) && file_.is_open(); }

  void log_successes(double share) {
    successes_of_10000_.store(static_cast<std::uint32_t>(std::lround(share * 10'000)),
                              std::memory_order_relaxed);
  }
  // Evenly spread: the n-th is taken when n times the share reaches another whole number.
  bool wants_success() {
    const std::uint64_t share = successes_of_10000_.load(std::memory_order_relaxed);
    if (share == 0 || !file_.is_open()) {
      return false;
    }
    const std::uint64_t n = successes_.fetch_add(1, std::memory_order_relaxed) + 1;
    return n * share / 10'000 != (n - 1) * share / 10'000;
  }

  void write(const HandshakeRecord& record) {
    const Time now = options_.clock();
    if (admit(record, std::chrono::floor<std::chrono::seconds>(now))) {
      writer_.post(line_of(json_of(record, now)));
    }
  }

  std::uint64_t dropped() const {
    return over_rate_.load(std::memory_order_relaxed) + writer_.dropped();
  }

 private:
  bool admit(const HandshakeRecord& record, Second second) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(last_second_, second) != second) {
      tell_dropped(second);
    }
    Rate& rate = rates_[{std::string(record.listener), std::string(record.client_type),
                         record.outcome.reason}];
    if (rate.second != second) {
      rate = {second, 0, 0};
    }
    if (rate.written == options_.per_second) {
      ++rate.dropped;
      over_rate_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    ++rate.written;
    return true;
  }

  // One line for each kind that lost records in a second before this one. Callers hold the lock.
  void tell_dropped(Second second) {
    for (auto& [kind, rate] : rates_) {
      if (rate.dropped > 0 && rate.second != second) {
        writer_.post(line_of(Json{{"time", time_text(rate.second)},
                                  {"event", "dropped"},
                                  {"listener", std::get<0>(kind)},
                                  {"client_type", std::get<1>(kind)},
                                  {"reason", tls::to_string(std::get<2>(kind))},
                                  {"count", std::exchange(rate.dropped, 0)}}));
      }
    }
  }

  Options options_;
  LastFailures last_failures_;
  LineFile file_{"handshake_log_failed"};
  std::mutex mutex_;  // guards rates_ and last_second_
  // As many as listeners times types times reasons.
  std::map<std::tuple<std::string, std::string, tls::Reason>, Rate> rates_;
  Second last_second_;
  std::atomic<std::uint64_t> over_rate_{0};
  std::atomic<std::uint32_t> successes_of_10000_{0};
  std::atomic<std::uint64_t> successes_{0};
  std::atomic<bool> hellos_{false};
  LineWriter writer_;  // last: its end drains the queue into file_
};

HandshakeLog::HandshakeLog(Log& log, Options options)
    : impl_(std::make_unique<Impl>(log, std::move(options))) {}
HandshakeLog::HandshakeLog(Log& log) : HandshakeLog(log, Options{}) {}
HandshakeLog::~HandshakeLog() = default;

void HandshakeLog::use(std::optional<OpenedFile> file) { impl_->file().use(std::move(file)); }

Result<void> HandshakeLog::open(const std::filesystem::path& file) {
  auto opened = OpenedFile::for_appending(file);
  if (!opened) {
    return tl::unexpected(std::move(opened.error()));
  }
  use(std::move(*opened));
  return {};
}

std::vector<LastFailure> HandshakeLog::last_failures() const {
  return impl_->last_failures().all();
}

void HandshakeLog::write(const HandshakeRecord& record) {
  if (record.outcome.outcome == tls::Outcome::failed) {
    impl_->note_failure(record);
  }
  if (impl_->file().is_open()) {
    impl_->write(record);
  }
}

void HandshakeLog::log_successes(double share) { impl_->log_successes(share); }

void HandshakeLog::log_hellos(bool wanted) { impl_->log_hellos(wanted); }

bool HandshakeLog::wants_hellos() const { return impl_->wants_hellos(); }

bool HandshakeLog::wants_success() { return impl_->wants_success(); }

std::uint64_t HandshakeLog::dropped() const { return impl_->dropped(); }

}  // namespace chainmend::logs
