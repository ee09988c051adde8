// What one line of the access log costs the worker that serves the request: to make it, and to hand
// it to the thread that writes it. CPU time of the whole process counts the writing, too.
#include <benchmark/benchmark.h>

#include <string>

#include "proxy/logs/access_log.h"

namespace chainmend::logs {
namespace {

AccessRecord record() {
  AccessRecord one;
  one.time = std::chrono::system_clock::now();
  one.connection = 1234567;
  one.status = 200;
  one.listener = "exchange";
  one.request_id = "5f0c2b9a11d3e870-2a";
  one.client = "10.20.30.40";
  one.client_type = "lync_phone_edition";
  one.method = "POST";
  one.host = "mail.contoso.com";
  one.path = "/EWS/Exchange.asmx";
  one.protocol = "HTTP/1.1";
  one.user_agent = "CPE/4.0.7577.4512 OCPhone/4.0.7577.4512 (Microsoft Lync Phone Edition)";
  one.end = "whole";
  one.route = "/ews";
  one.upstream = "cas";
  one.server = "https://10.0.0.11:443";
  one.tls_version = "tls1.2";
  one.tls_suite = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
  one.server_name = "mail.contoso.com";
  one.bytes_in = 1500;
  one.bytes_out = 23456;
  one.reused = one.upstream_reused = true;
  one.first_byte = std::chrono::microseconds(12'345);
  one.total = std::chrono::microseconds(13'456);
  return one;
}

std::vector<config::AccessPart> text_format() {
  using enum config::AccessField;
  return {{"", client},  {" ", time},      {" ", method},   {" ", path},
          {" ", status}, {" ", bytes_out}, {" ", total_ms}, {"", std::nullopt}};
}

void make(benchmark::State& state, const std::vector<config::AccessPart>& format) {
  const AccessRecord one = record();
  for (auto _ : state) {
    benchmark::DoNotOptimize(access_line(one, format));
  }
}

void write(benchmark::State& state, const std::vector<config::AccessPart>& format) {
  Log log{{.level = Level::error}};
  AccessLog access(log);
  access.use(std::move(*OpenedFile::for_appending("access_log_bench.log")));
  const AccessRecord one = record();
  for (auto _ : state) {
    access.write(one, format);
  }
  state.counters["dropped"] = static_cast<double>(access.dropped());
}

BENCHMARK_CAPTURE(make, json, std::vector<config::AccessPart>());
BENCHMARK_CAPTURE(make, text, text_format());
BENCHMARK_CAPTURE(write, json, std::vector<config::AccessPart>())->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(write, text, text_format())->MeasureProcessCPUTime();

}  // namespace
}  // namespace chainmend::logs
