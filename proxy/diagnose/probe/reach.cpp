#include "proxy/diagnose/probe/reach.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "proxy/net/timed_socket.h"

namespace chainmend::diagnose {
namespace {

using certs::ErrorCode;
using certs::fail;
using Clock = std::chrono::steady_clock;

// Shared with the thread that asks, which may outlive who waits for it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable_any answered;
  std::optional<certs::Result<net::Resolution>> answer;
};

}  // namespace

certs::Result<Resolved> resolve(const Target& target, const Patience& patience) {
  if (target.is_address) {
    return Resolved{{boost::asio::ip::make_address(target.host)}, target.host, {}};
  }
  const auto started = Clock::now();
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host = target.host] {
    certs::Result<net::Resolution> answer = net::resolve(host);
    const std::lock_guard lock(lookup->mutex);
    lookup->answer = std::move(answer);
    lookup->answered.notify_all();
  }).detach();

  std::unique_lock lock(lookup->mutex);
  const bool answered = lookup->answered.wait_until(
      lock, patience.stop, patience.until, [&lookup] { return lookup->answer.has_value(); });
  if (!answered) {
    return fail(ErrorCode::timeout, "no answer in time when resolving " + target.host);
  }
  if (!*lookup->answer) {
    return tl::unexpected(lookup->answer->error());
  }
  net::Resolution& found = **lookup->answer;
  return Resolved{std::move(found.addresses), std::move(found.canonical_name),
                  std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started)};
}

Connection connect(const boost::asio::ip::address& address, std::uint16_t port,
                   const Patience& patience) {
  Connection out{address, {}, {}};
  const auto started = Clock::now();
  net::TimedSocket socket(patience.stop);
  if (const auto connected = socket.connect({address, port}, patience.until); !connected) {
    out.failure = connected.error().text;
  }
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
  return out;
}

}  // namespace chainmend::diagnose
