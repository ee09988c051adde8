#include "proxy/server/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace chainmend::server {

using logs::Level;

namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::chrono::minutes kLookAnyway{1};

}  // namespace

FileWatch::FileWatch(Services services)
    : services_(std::move(services)),
      inotify_(services_.io),
      settle_timer_(services_.io),
      minute_timer_(services_.io) {}

FileWatch::~FileWatch() { *alive_ = false; }

void FileWatch::watch(Files files, FileSnapshot seen, std::chrono::milliseconds settle) {
  ++watched_;
  files_ = std::move(files);
  seen_ = std::move(seen);
  settle_ = settle;
  if (!inotify_.is_open()) {
    open();
  }
  unconfirmed_.reset();
  place(seen_.places);
  look_after(settle_ / 2);  // what changed between the snapshot and now raised no event
}

void FileWatch::stop() {
  ++watched_;
  boost::system::error_code ignored;
  inotify_.close(ignored);
  names_.clear();
  settle_timer_.cancel();
  minute_timer_.cancel();
}

void FileWatch::open() {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor >= 0) {
    inotify_.assign(descriptor);
    read_events();
  }
}

void FileWatch::place(const FileSnapshot::Places& places) {
  placed_ = places;
  std::map<int, std::set<std::string>> before = std::exchange(names_, {});
  std::string refused;
  for (const auto& [folder, names] : places) {
    const int watch =
        ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), kEvents | IN_ONLYDIR);
    if (watch >= 0) {
      // Two names of one folder share its watch.
      const auto [known, is_new] = names_.try_emplace(watch, names);
      if (!is_new && (names.empty() || known->second.empty())) {
        known->second.clear();
      } else if (!is_new) {
        known->second.insert(names.begin(), names.end());
      }
    } else if (errno != ENOENT && errno != ENOTDIR) {
      refused = folder.native() + ": " + std::strerror(errno);
    }
  }
  for (const auto& [watch, names] : before) {
    if (!names_.contains(watch)) {
      ::inotify_rm_watch(inotify_.native_handle(), watch);
    }
  }
  if (refused.empty()) {
    blind_ = false;
  } else if (!std::exchange(blind_, true)) {
    services_.log.event(
        Level::warn, "file_watch",
        {{"error", refused},
         {"hint",
          "changes there are found within a minute; fs.inotify.max_user_watches and "
          "max_user_instances (sysctl) bound what can be watched"}});
  }
}

void FileWatch::read_events() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) {
                          return;
                        }
                        bool ours = false;
                        alignas(inotify_event) std::array<char, 4096> events{};
                        for (ssize_t got = 0; (got = ::read(inotify_.native_handle(), events.data(),
                                                            events.size())) > 0;) {
                          ours |= concerns_us({events.data(), static_cast<std::size_t>(got)});
                        }
                        if (ours) {
                          look_after(settle_ / 2);
                        }
                        read_events();
                      });
}

bool FileWatch::concerns_us(std::string_view events) const {
  for (std::size_t at = 0; at + sizeof(inotify_event) <= events.size();) {
    inotify_event event{};
    std::memcpy(&event, events.data() + at, sizeof event);
    const std::string_view padded = events.substr(at + sizeof event, event.len);
    const std::string name(padded.substr(0, padded.find('\0')));
    at += sizeof event + event.len;
    const auto watched = names_.find(event.wd);
    // Without a name it is about the folder itself, or says that events were lost.
    if (watched == names_.end()
            ? (event.mask & IN_Q_OVERFLOW) != 0
            : name.empty() || watched->second.empty() || watched->second.contains(name)) {
      return true;
    }
  }
  return false;
}

// Each further event begins the wait anew.
void FileWatch::look_after(std::chrono::milliseconds quiet) {
  settle_timer_.expires_after(quiet);
  settle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      look();
    }
  });
}

void FileWatch::look() {
  minute_timer_.expires_after(kLookAnyway);
  minute_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      look();
    }
  });
  services_.background(
      [this, alive = alive_, &io = services_.io, watched_as = watched_, files = files_] {
        auto now = std::make_shared<FileSnapshot>(FileSnapshot::take(files));
        boost::asio::post(io, [this, alive, watched_as, now] {
          if (*alive) {
            looked(watched_as, std::move(*now));
          }
        });
      });
}

void FileWatch::looked(unsigned watched_as, FileSnapshot now) {
  if (watched_as != watched_) {
    return;
  }
  if (now.places != placed_) {
    place(now.places);
    look_after(settle_ / 2);  // as in watch()
  }
  const Files changed = now.changes_since(seen_);
  if (changed.empty()) {
    unconfirmed_.reset();
  } else if (unconfirmed_ && unconfirmed_->files == now.files) {
    seen_ = std::move(now);
    unconfirmed_.reset();
    services_.on_change(changed);
  } else {
    unconfirmed_ = std::move(now);
    look_after(settle_ / 2);
  }
}

}  // namespace chainmend::server
