// Site: the status page for people: the document, its files, and its changes as they happen
// (Server-Sent Events). An overview is rendered at most once a second, for all viewers together,
// and not at all while nobody looks. Main thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/http/head.h"
#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/server/overview.h"
#include "proxy/server/page/feed.h"
#include "proxy/server/page_server.h"

namespace chainmend::server {

class Site {
 public:
  // Of those who watch the changes; others get the page as it is.
  static constexpr std::size_t kMaxViewers = 32;

  using Look = std::function<Overview()>;

  // loop must outlive this.
  Site(net::Loop& loop, Look look);
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  // The page of this path, or nothing.
  std::optional<Page> page(const http::RequestHead& head);

 private:
  using Clock = std::chrono::steady_clock;

  void refresh();
  std::vector<Section> render(const Overview& overview);
  Page whole(const http::RequestHead& head);
  Page events(const http::RequestHead& head);
  net::Task<void> tell(net::Stream& client, net::Deadline& deadline, std::uint64_t seen);

  net::Loop& loop_;
  Look look_;
  Feed feed_;
  std::optional<Overview> shown_;
  Clock::time_point shown_at_;
  // Shared, because a connection may outlive this object at the end of the process.
  std::shared_ptr<std::size_t> viewers_ = std::make_shared<std::size_t>(0);
  // What lasting_ was rendered of.
  std::shared_ptr<const serving::Report> lasting_of_;
  std::chrono::sys_days lasting_on_;
  std::vector<Section> lasting_;
};

}  // namespace chainmend::server
