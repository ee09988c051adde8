#include "proxy/net/timed_socket.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

namespace chainmend::net {

using certs::ErrorCode;
using certs::fail;
using certs::Result;

TimedSocket::TimedSocket(std::stop_token stop)
    : stop_(std::move(stop)), wake_(stop_, [this] { boost::asio::post(context_, [] {}); }) {}

Result<void> TimedSocket::connect(const boost::asio::ip::tcp::endpoint& to, TimePoint until) {
  Outcome outcome;
  socket_.async_connect(
      to, [&outcome](boost::system::error_code error) { outcome = {error, 0, true}; });
  return wait(outcome, until, "connecting");
}

Result<void> TimedSocket::write(std::string_view text, TimePoint until) {
  Outcome outcome;
  boost::asio::async_write(socket_, boost::asio::buffer(text),
                           [&outcome](boost::system::error_code error, std::size_t bytes) {
                             outcome = {error, bytes, true};
                           });
  return wait(outcome, until, "sending");
}

Result<std::size_t> TimedSocket::read_some(std::span<std::uint8_t> into, TimePoint until) {
  Outcome outcome;
  socket_.async_read_some(boost::asio::buffer(into.data(), into.size()),
                          [&outcome](boost::system::error_code error, std::size_t bytes) {
                            const bool end = error == boost::asio::error::eof;
                            outcome = {end ? boost::system::error_code() : error, bytes, true};
                          });
  const Result<void> waited = wait(outcome, until, "waiting for the answer");
  if (!waited) {
    return tl::unexpected(waited.error());
  }
  return outcome.bytes;
}

Result<void> TimedSocket::wait(const Outcome& outcome, TimePoint until, const char* doing) {
  context_.restart();
  // A stop posts an empty handler, so it is noticed even when it comes just before the wait begins.
  while (!outcome.finished && !stop_.stop_requested() && context_.run_one_until(until) != 0) {
  }
  if (outcome.finished && !outcome.error) {
    return {};
  }
  if (outcome.finished) {
    return fail(ErrorCode::network, std::string(doing) + ": " + outcome.error.message());
  }
  if (stop_.stop_requested()) {
    return fail(ErrorCode::network, std::string(doing) + " was stopped");
  }
  return fail(ErrorCode::timeout, std::string("time ran out when ") + doing);
}

}  // namespace chainmend::net
