// What knowing the clients costs: everything that is done for one handshake beside the handshake
// itself, and a scrape of as many series as there can be.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "proxy/clients/known_clients.h"
#include "proxy/logs/handshake_log.h"
#include "proxy/metrics/metrics.h"
#include "proxy/metrics/server_names.h"
#include "proxy/tls/explain.h"
#include "tests/proxy/clients/hello_bytes.h"

namespace chainmend {
namespace {

using clients::ClientType;
using clients::testing::Bytes;
using clients::testing::bytes_of;
using clients::testing::HelloBytes;
using clients::testing::u16s;
using clients::testing::with_length16;
using clients::testing::with_length8;
using namespace std::chrono_literals;

// Windows CE: TLS 1.0 and no extension.
Bytes phone_hello() {
  return HelloBytes{.suites = {0x0004, 0x0005, 0x000a, 0x0009, 0x0064, 0x0062, 0x0003, 0x0006}}
      .records();
}

// As browsers send them: TLS 1.3, GREASE, a key share.
Bytes browser_hello() {
  HelloBytes hello{.version = 0x0303, .session_id = Bytes(32, 7)};
  hello.suites = {0x4a4a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                  0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  Bytes protocols = with_length8(bytes_of("h2"));
  clients::testing::append(protocols, with_length8(bytes_of("http/1.1")));
  hello.extensions = {
      {0x1a1a, {}},
      {0, HelloBytes::server_name("mail.contoso.test")},
      {23, {}},
      {65281, {0}},
      {10, with_length16(u16s({0x2a2a, 29, 23, 24}))},
      {11, with_length8({0})},
      {35, {}},
      {16, with_length16(protocols)},
      {5, {1, 0, 0, 0, 0}},
      {13, with_length16(u16s({0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601}))},
      {18, {}},
      {51, with_length16(Bytes(43, 1))},
      {45, with_length8({1})},
      {43, with_length8(u16s({0x3a3a, 0x0304, 0x0303}))},
      {27, {2, 0, 2}},
      {17513, {0, 3, 2, 'h', '2'}},
      {0x5a5a, {0}}};
  return hello.records();
}

// What a handshake meets: rules of an operator, ten thousand learned pairs, a log of its failures.
class Desk {
 public:
  Desk() {
    std::vector<clients::LearnedClients::Entry> learned;
    for (unsigned i = 0; i < 10'000; ++i) {
      clients::LearnedClients::Entry entry;
      entry.address = {10, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
      entry.ja4.fill('x');
      entry.type = ClientType::named("ios");
      entry.proved = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
      learned.push_back(entry);
    }
    known_.learned.restore(std::move(learned));
    for (const char* name : {"mail.contoso.test", "autodiscover.contoso.test", "*.contoso.test"}) {
      names_.add(name, metrics_.server_name(listener_, name));
    }
    handshakes_.open("/dev/null");
    handshakes_.log_successes(0.01);
  }

  // From the bytes of the hello to the last thing that is counted of it; the order is that of
  // TlsSession and HandshakeReport.
  void handshake(const Bytes& flight, bool completes) {
    tls::HandshakeTrace trace;
    clients::FirstFlight first = clients::parse_client_hello(flight);
    trace.flight = first.kind;
    trace.offered_max_version = first.hello.max_version();
    trace.ja4 = clients::ja4(first.hello);
    trace.hello = std::make_unique<const clients::ClientHello>(std::move(first.hello));
    trace.completed = completes;
    trace.application_bytes = completes ? 1 : 0;
    if (!completes) {
      trace.alert_received = tls::Alert{tls::AlertDirection::received, 48};
    }
    const clients::Caller caller{trace.peer, "exchange", *trace.hello, trace.ja4};
    benchmark::DoNotOptimize(classifier_.admit(caller));

    const auto verdict = tls::explain(trace, tls::capability());
    const auto& outcome = std::get<tls::HandshakeOutcome>(verdict);
    const auto learned = known_.learned.find(caller.address, caller.ja4);
    const clients::Classification who = classifier_.name(caller, learned);
    known_.hellos.note(caller, who, completes, std::chrono::system_clock::now());
    listener_.server_name(names_.label_of(trace.hello->server_name), outcome.outcome);
    listener_.handshake(outcome, who.type, 1ms);
    if (!completes || handshakes_.wants_success()) {
      logs::HandshakeRecord record;
      record.listener = "exchange";
      record.peer = "192.0.2.1:50123";
      record.client_type = who.type.name();
      record.hello = trace.hello.get();
      record.outcome = outcome;
      handshakes_.write(record);
    }
  }

 private:
  clients::Classifier classifier_{{
      {.name = "lobby",
       .match = {.offers_at_most = config::TlsVersion::tls1_0, .suites = {0x002f}}},
      {.name = "cafeteria", .match = {.sni = {"cafeteria.contoso.test"}}},
  }};
  clients::KnownClients known_;
  metrics::Metrics metrics_{{"bench", "bench"}};
  metrics::ListenerMetrics& listener_ = metrics_.listener("exchange");
  metrics::ServerNames names_;
  logs::Log log_{{.level = logs::Level::error}};
  logs::HandshakeLog handshakes_{log_};
};

void handshake(benchmark::State& state, const Bytes& hello, bool completes) {
  Desk desk;
  desk.handshake(hello, completes);  // what is looked up once is looked up now
  for ([[maybe_unused]] auto iteration : state) {
    desk.handshake(hello, completes);
  }
}
BENCHMARK_CAPTURE(handshake, of_a_phone, phone_hello(), true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, of_a_browser, browser_hello(), true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, of_a_phone_that_fails, phone_hello(), false)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshake, of_a_browser_that_fails, browser_hello(), false)
    ->Unit(benchmark::kMicrosecond);

// Five listeners that every type of client has called and failed for every reason.
void scrape(benchmark::State& state) {
  metrics::Metrics metrics({"bench", "bench"});
  for (std::size_t i = 0; i < ClientType::kLimit; ++i) {
    ClientType::named("type_of_client_" + std::to_string(i));
  }
  for (const char* name : {"phones", "exchange", "owa", "autodiscover", "lab"}) {
    metrics::ListenerMetrics& listener = metrics.listener(name);
    for (std::size_t type = 0; type < ClientType::count(); ++type) {
      for (int reason = 1; reason <= static_cast<int>(tls::Reason::internal); ++reason) {
        listener.handshake({.outcome = tls::Outcome::failed,
                            .reason = static_cast<tls::Reason>(reason),
                            .alert = tls::Alert{tls::AlertDirection::received, 48},
                            .offered_max_version = clients::kTls12},
                           ClientType::at(type), 1ms);
      }
    }
  }
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto iteration : state) {
    bytes = metrics.scrape().size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(scrape)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chainmend
