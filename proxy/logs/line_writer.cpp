#include "proxy/logs/line_writer.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

namespace chainmend::logs {
namespace {

// Hands lines through as they are: what a line looks like is decided before it is queued.
class CallbackSink final : public spdlog::sinks::sink {
 public:
  CallbackSink(LineWriter::Sink write, std::atomic<std::uint64_t>& refused)
      : write_(std::move(write)), refused_(refused) {}

  void log(const spdlog::details::log_msg& message) override {
    if (!write_({message.payload.data(), message.payload.size()})) {
      refused_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  void flush() override {}
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  LineWriter::Sink write_;
  std::atomic<std::uint64_t>& refused_;
};

}  // namespace

class LineWriter::Impl {
 public:
  Impl(Sink sink, std::size_t queue_lines)
      : pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1, block_signals)),
        logger_(std::make_shared<spdlog::async_logger>(
            "", std::make_shared<CallbackSink>(std::move(sink), refused_), pool_,
            spdlog::async_overflow_policy::overrun_oldest)) {}
  ~Impl() { pool_.reset(); }  // drains the queue and joins the thread, before what it uses goes
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void post(std::string_view line) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }
  std::uint64_t dropped() const {
    return refused_.load(std::memory_order_relaxed) + pool_->overrun_counter();
  }

 private:
  std::atomic<std::uint64_t> refused_{0};
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

LineWriter::LineWriter(Sink sink, std::size_t queue_lines)
    : impl_(std::make_unique<Impl>(std::move(sink), queue_lines)) {}
LineWriter::~LineWriter() = default;
void LineWriter::post(std::string_view line) { impl_->post(line); }
std::uint64_t LineWriter::dropped() const { return impl_->dropped(); }

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

std::size_t write_all(int descriptor, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      pollfd ready{descriptor, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

}  // namespace chainmend::logs
