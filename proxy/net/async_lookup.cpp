#include "proxy/net/async_lookup.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "proxy/net/name_lookup.h"

namespace chainmend::net {

namespace asio = boost::asio;
using certs::ErrorCode;
using certs::fail;
using Addresses = std::vector<asio::ip::address>;
using Answer = certs::Result<TimedAddresses>;

namespace {

using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

constexpr int kMaxPending = 64;
std::atomic<int> pending{0};

// Shared by the thread that asks and the coroutine that waits; whoever is last frees it.
struct Question {
  std::string host;
  bool with_ttl = false;
  int done_fd = -1;  // closed by the thread when the answer is there
  std::mutex mutex;
  std::optional<Answer> answer;
};

void ask(const std::shared_ptr<Question>& question) {
  Answer answer = ask_system(question->host).map([&](Addresses found) {
    return TimedAddresses{std::move(found),
                          question->with_ttl ? ask_ttl(question->host) : std::nullopt};
  });
  {
    const std::lock_guard lock(question->mutex);
    question->answer = std::move(answer);
  }
  ::close(question->done_fd);
  pending.fetch_sub(1);
}

// Starts the thread; gives the descriptor that becomes readable when it is done.
certs::Result<int> start(const std::shared_ptr<Question>& question) {
  if (pending.fetch_add(1) >= kMaxPending) {
    pending.fetch_sub(1);
    return fail(ErrorCode::network, "too many name lookups are hanging");
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    pending.fetch_sub(1);
    return fail(ErrorCode::network,
                std::string("cannot start a name lookup: ") + std::strerror(errno));
  }
  question->done_fd = ends[1];
  try {
    std::thread(ask, question).detach();
  } catch (const std::system_error& error) {
    ::close(ends[0]);
    ::close(ends[1]);
    pending.fetch_sub(1);
    return fail(ErrorCode::network, std::string("cannot start a name lookup: ") + error.what());
  }
  return ends[0];
}

Task<Answer> answer_to(Loop& loop, std::shared_ptr<Question> question, Clock::duration patience) {
  const certs::Result<int> done = start(question);
  if (!done) {
    co_return tl::unexpected(done.error());
  }
  Descriptor signal(loop.io, *done);
  const auto give_up = [](void* s) {
    boost::system::error_code ignored;
    static_cast<Descriptor*>(s)->cancel(ignored);
  };
  Deadline deadline(loop.deadlines, give_up, &signal);
  deadline.expires_after(patience);
  co_await signal.async_wait(Descriptor::wait_read, kAsTuple);
  const std::lock_guard lock(question->mutex);
  if (question->answer) {
    co_return std::move(*question->answer);
  }
  co_return fail(ErrorCode::timeout, "no answer in time when resolving " + question->host);
}

}  // namespace

Task<certs::Result<Addresses>> look_up(Loop& loop, std::string host, Clock::duration patience) {
  auto question = std::make_shared<Question>();
  question->host = std::move(host);
  Answer answer = co_await answer_to(loop, std::move(question), patience);
  co_return std::move(answer).map([](TimedAddresses found) { return std::move(found.addresses); });
}

Task<Answer> look_up_timed(Loop& loop, std::string host, Clock::duration patience) {
  auto question = std::make_shared<Question>();
  question->host = std::move(host);
  question->with_ttl = true;
  Answer answer = co_await answer_to(loop, std::move(question), patience);
  co_return answer;
}

}  // namespace chainmend::net
