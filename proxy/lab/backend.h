// Backend: what stands behind the VIP of a lab, on loopback, without TLS: a server that answers
// like Exchange and Mitel Connect where phones ask, and the web server of the authority. On one
// thread of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "certs/result.h"

namespace chainmend::lab {

struct BackendTerms {
  std::uint16_t port = 0;           // of the server
  std::uint16_t aia_port = 0;       // of the authority's
  std::filesystem::path published;  // what the authority publishes
  std::filesystem::path aia_down;   // while this file is there, it answers nothing but 503
  std::filesystem::path log;        // a line in the W3C format of IIS for each request
};

class Backend {
 public:
  // Begins to serve. Fails when a port is in use.
  static certs::Result<std::unique_ptr<Backend>> start(BackendTerms terms);

  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

 private:
  struct State;
  explicit Backend(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace chainmend::lab
