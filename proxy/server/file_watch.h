// FileWatch: tells when certificates, keys and roots change on disk. inotify says at once that
// something moved in one of their folders; then the background thread looks at the files. Another
// content counts when two looks, half the time to settle apart and quiet before each, see the same.
// A look a minute finds what inotify cannot see (network file systems).
//
// Lives on the main thread's loop; file systems, which may hang, are looked at in the background.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/logs/log.h"
#include "proxy/server/file_snapshot.h"

namespace chainmend::server {

class FileWatch {
 public:
  using Files = std::vector<std::filesystem::path>;
  struct Services {
    boost::asio::io_context& io;
    logs::Log& log;
    std::function<void(std::function<void()>)> background;
    std::function<void(const Files& changed)> on_change;  // on the main thread
  };

  explicit FileWatch(Services services);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  // From now on these files. seen: what they looked like before what is in force was read of them.
  void watch(Files files, FileSnapshot seen, std::chrono::milliseconds settle);
  void stop();

 private:
  void open();
  // The system's watches become those of the places; new ones are added before old ones go.
  void place(const FileSnapshot::Places& places);
  void read_events();
  bool concerns_us(std::string_view events) const;
  void look_after(std::chrono::milliseconds quiet);
  void look();
  void looked(unsigned watched_as, FileSnapshot now);

  Services services_;
  boost::asio::posix::stream_descriptor inotify_;
  boost::asio::steady_timer settle_timer_;
  boost::asio::steady_timer minute_timer_;
  Files files_;
  FileSnapshot seen_;                        // what is in force, or was refused
  std::optional<FileSnapshot> unconfirmed_;  // another, seen once
  FileSnapshot::Places placed_;
  std::chrono::milliseconds settle_{};
  std::map<int, std::set<std::string>> names_;  // by watch; empty: all names
  unsigned watched_ = 0;                        // counts watch() and stop(): older looks are void
  bool blind_ = false;                          // inotify refused a folder, and the log has it
  // Background jobs may outlive this object.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace chainmend::server
