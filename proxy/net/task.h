// What runs on a Loop: Asio's coroutines, sockets and timers, bound to the executor of io_context
// itself. Asio's default is any executor, held and called through type erasure: 40 bytes in each
// socket and frame, and a function call that nothing can see through for each wait.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace chainmend::net {

using Executor = boost::asio::io_context::executor_type;

template <typename T>
using Task = boost::asio::awaitable<T, Executor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Completion tokens of asynchronous operations. kUseTask: co_await returns the result, or throws.
inline constexpr boost::asio::use_awaitable_t<Executor> kUseTask;
// kAsTuple: co_await never throws and returns the error first: `auto [error, n] = co_await ...`.
inline constexpr auto kAsTuple = boost::asio::as_tuple(kUseTask);

}  // namespace chainmend::net
