// Interrupt: Ctrl-C (SIGINT) and SIGTERM as a stop token, for commands that can print what they
// have so far. A second signal ends the process at once, as if nobody caught it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <stop_token>
#include <thread>

namespace chainmend::cli {

class Interrupt {
 public:
  // Catches the signals for as long as it lives; one at a time.
  Interrupt() {
    signals_.async_wait([this](const boost::system::error_code& error, int /*signal*/) {
      if (!error) {
        stop_.request_stop();
        signals_.clear();  // the next one has its usual effect
      }
    });
    waiting_ = std::jthread([this] { context_.run(); });
  }
  ~Interrupt() { context_.stop(); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  bool came() const { return stop_.stop_requested(); }

 private:
  std::stop_source stop_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM};
  std::jthread waiting_;  // last: it ends before what it uses
};

}  // namespace chainmend::cli
