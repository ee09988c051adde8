// TimedSocket: a TCP connection for a thread that may block. Each call returns when it is done,
// when its deadline has passed, or when a stop is requested; an io_context of its own sees to that.
// Used by one thread; a stop may come from any. After an error it may only be destroyed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string_view>

#include "certs/result.h"
#include "proxy/net/name_lookup.h"

namespace chainmend::net {

class TimedSocket {
 public:
  explicit TimedSocket(std::stop_token stop);

  // Errors of all three: network, timeout. 0 bytes read is the end of the stream.
  certs::Result<void> connect(const boost::asio::ip::tcp::endpoint&, TimePoint until);
  certs::Result<void> write(std::string_view, TimePoint until);
  certs::Result<std::size_t> read_some(std::span<std::uint8_t>, TimePoint until);

 private:
  struct Outcome {
    boost::system::error_code error;
    std::size_t bytes = 0;
    bool finished = false;
  };
  certs::Result<void> wait(const Outcome&, TimePoint until, const char* doing);

  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::socket socket_{context_};
  std::stop_token stop_;
  // Last, so that it is gone before the context that it wakes.
  std::stop_callback<std::function<void()>> wake_;
};

}  // namespace chainmend::net
