// Listening sockets: one per address and worker, all bound with SO_REUSEPORT so that the kernel
// spreads the connections over the workers without a lock.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace chainmend::server {

// FileDescriptor closes what it owns.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();
  int get() const { return fd_; }
  int release();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct ListenAddress {
  std::string address;  // numeric
  std::uint16_t port = 0;
};

enum class Sharing {
  exclusive,        // one socket; nobody else may bind the port
  among_ourselves,  // several of ours, and none of another process
  shared,           // the same on a port where sockets of ours listen already, so that nobody can
                    // tell whether one of another process does, too
};

// Opens `count` sockets on one address. Port 0 lets the kernel choose one port for all of them. The
// error says what to do ("address already in use by another program", "port below 1024 needs ...").
tl::expected<std::vector<FileDescriptor>, std::string> open_listening_sockets(
    const ListenAddress& at, unsigned count, Sharing sharing);

// From now on the kernel takes no new connection for this listening socket: their SYN is dropped,
// so that clients ask again, wherever they then come out. Those under way still end up in its
// queue, which can so be emptied before the socket is closed: closing resets what is in it.
void refuse_new_connections(int fd);

// The port a socket is bound to; 0 when it is not.
std::uint16_t bound_port(int fd);

// AF_INET or AF_INET6.
int address_family(int fd);

}  // namespace chainmend::server
