// serve(): the story of one client connection, from accept to close: TLS handshake, then HTTP or
// bytes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "proxy/session/connection.h"

namespace chainmend::session {

// Runs on worker's thread until the connection is over. Never throws for what a peer does. listener
// belongs to state. All arguments must outlive the coroutine: copies of them would be memory of
// each idle connection.
boost::asio::awaitable<void> serve(WorkerContext& worker, const serving::ServingStatePtr& state,
                                   const serving::Listener& listener, std::uint64_t id,
                                   boost::asio::ip::tcp::socket& socket,
                                   const boost::asio::ip::tcp::endpoint& peer);

}  // namespace chainmend::session
