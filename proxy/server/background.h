// Background: the one thread that may wait: it reads configurations, builds chains and asks AIA, so
// that neither a worker nor the thread that listens to signals ever does.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <thread>
#include <utility>

namespace chainmend::server {

class Background {
 public:
  Background() : thread_([this] { io_.run(); }) {}
  // Waits for the job under way; drops those that have not begun. A fetch that the job may be
  // waiting for must have been stopped before, or this waits as long.
  ~Background() {
    io_.stop();
    thread_.join();
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Jobs run one after the other. From any thread.
  void run(std::function<void()> job) { boost::asio::post(io_, std::move(job)); }

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::thread thread_;
};

}  // namespace chainmend::server
