// AccessLog: one line per request, appended to a file. Process-lived; every member may be called
// from any thread. Lines are written by a thread of the log's own over a bounded queue: a caller
// never waits for the disk, and what no longer fits is dropped, oldest first, and counted. Never in
// it: Authorization and other credentials, cookies, bodies.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/access_log.h"
#include "proxy/logs/log.h"
#include "proxy/logs/opened_file.h"

namespace chainmend::logs {

// One request. Text is borrowed for the call; what is empty or unset is not known.
struct AccessRecord {
  std::chrono::system_clock::time_point time;
  std::uint64_t connection = 0;
  unsigned status = 0;
  std::string_view listener, request_id, client, client_type;
  std::string_view method, host, path, query, protocol, user_agent;
  std::string_view end, route, upstream, server;
  std::string_view tls_version, tls_suite, server_name;
  std::uint64_t bytes_in = 0;  // of bodies
  std::uint64_t bytes_out = 0;
  bool resumed = false;
  bool reused = false;
  bool upstream_reused = false;
  std::optional<std::chrono::nanoseconds> connect, tls, first_byte, total;
};

// A line as `format` has it, or as JSON when that is empty; with its end.
std::string access_line(const AccessRecord& record, const std::vector<config::AccessPart>& format);

class AccessLog {
 public:
  // log hears of write errors; it must outlive this.
  explicit AccessLog(Log& log);
  ~AccessLog();  // writes what is queued
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Later lines go to this file, or nowhere.
  void use(std::optional<OpenedFile> file);
  bool is_open() const;
  // Whether the next one of a share of all, 0 to 1, is to be written. Evenly spread.
  bool takes_sample(double share);
  void write(const AccessRecord& record, const std::vector<config::AccessPart>& format);
  std::uint64_t dropped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chainmend::logs
