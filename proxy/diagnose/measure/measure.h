// measure(): how often handshakes succeed, for each target and each kind of client: attempts at a
// steady rate, a few at a time, counted by the reasons that the proxy's own metrics use. Data;
// printing is the caller's.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "proxy/diagnose/measure/attempt.h"
#include "proxy/diagnose/measure/statistics.h"
#include "proxy/enums/names.h"
#include "proxy/tls/handshake_outcome.h"

namespace chainmend::diagnose {

// What the attempts of one kind of client at one target came to.
struct Row {
  std::string target;       // "mail.contoso.com:443"
  std::string address;      // that was connected to; empty: none could be
  std::string client;       // name of the client's row in clients/stacks.h, or of a recorded hello
  std::string client_type;  // of the proxy's metrics
  std::string software;     // the client's name for people

  struct Failures {
    std::uint64_t count = 0;
    std::string example;  // what one of them said
  };
  enums::Array<std::uint64_t, tls::Outcome> outcomes{};
  std::map<tls::Reason, Failures> failures;
  std::string depends;  // what a success depends on that could not be seen; may be empty
  std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint64_t> negotiated;  // version, suite
  Times connect;
  Times handshake;  // of full ones that were completed
  std::uint64_t completed = 0;
  Rate resumption;  // of those that asked to resume

  Rate success() const;
  void add(const Attempt& attempt);
};

// One row of what is to be measured: where its counts go, and what an attempt is.
struct Measured {
  Row row;
  std::size_t share = 1;                            // attempts in each round of all rows
  std::function<Attempt(const Patience&)> attempt;  // called from several threads
};

struct Pace {
  std::size_t count = 20;  // rounds: attempts for each row, times its share
  std::optional<std::chrono::milliseconds> duration;  // instead: as many as fit
  double rate = 5;                                    // attempts in a second, all rows together
  std::size_t concurrency = 4;                        // attempts at a time
  std::chrono::milliseconds timeout{5000};            // of one attempt
};

// How far it has come.
struct Progress {
  std::size_t done = 0;
  std::size_t planned = 0;  // 0: as many as fit into the duration
  std::size_t failed = 0;
};

// Fills the rows, in turns. Ends early when it is told to stop: then the rows hold what there is,
// and attempts that were cut off are not counted. progress is called after each attempt, by one
// thread at a time; may be empty.
void measure(std::vector<Measured>& rows, const Pace& pace, const std::stop_token& stop,
             const std::function<void(const Progress&)>& progress);

}  // namespace chainmend::diagnose
