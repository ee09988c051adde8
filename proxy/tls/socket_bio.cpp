#include "proxy/tls/socket_bio.h"

#include <algorithm>
#include <cerrno>
#include <new>

namespace chainmend::tls {
namespace {

// A peer that sends and never reads can make us queue no more than this.
constexpr std::size_t kMaxUnsent = std::size_t{128} * 1024;

constexpr int kNotNow = -1;
constexpr int kBroken = -2;

SocketBio& self_of(BIO* bio) { return *static_cast<SocketBio*>(BIO_get_data(bio)); }

void drop_front(std::vector<std::uint8_t>& bytes, std::size_t count) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
  if (bytes.empty()) {
    std::vector<std::uint8_t>().swap(bytes);  // idle connections are many
  }
}

bool is_temporary(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

const BIO_METHOD* SocketBio::method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_read(fresh, &SocketBio::on_read);
    BIO_meth_set_write(fresh, &SocketBio::on_write);
    BIO_meth_set_ctrl(fresh, &SocketBio::on_control);
    return fresh;
  }();
  return made;
}

BIO* SocketBio::new_bio() {
  BIO* bio = BIO_new(method());
  if (bio == nullptr) {
    throw std::bad_alloc();
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

void SocketBio::end_handshake() {
  in_handshake_ = false;
  keep_ = 0;
  if (!keeps_beyond_) {
    forget_first_flight();
  }
}

int SocketBio::receive(std::span<std::uint8_t> into) {
  if (!prefix_.empty()) {
    const std::size_t size = std::min(into.size(), prefix_.size());
    std::copy_n(prefix_.begin(), size, into.begin());
    drop_front(prefix_, size);
    return static_cast<int>(size);
  }
  if (reads_left_ == 0) {
    return kNotNow;
  }
  --reads_left_;
  const ssize_t size = ::recv(fd_, into.data(), into.size(), 0);
  drained_ = size > 0 && static_cast<std::size_t>(size) < into.size();
  if (size >= 0) {
    eof_ = size == 0;
    return static_cast<int>(size);
  }
  broken_ = !is_temporary(errno);
  return broken_ ? kBroken : kNotNow;
}

int SocketBio::send(std::span<const std::uint8_t> bytes) {
  const ssize_t size = ::send(fd_, bytes.data(), bytes.size(), flags_);
  if (size >= 0) {
    return static_cast<int>(size);
  }
  broken_ = !is_temporary(errno);
  return broken_ ? kBroken : kNotNow;
}

bool SocketBio::flush() {
  while (!unsent_.empty()) {
    const int size = send(unsent_);
    if (size == kNotNow) {
      return false;
    }
    drop_front(unsent_, size == kBroken ? unsent_.size() : static_cast<std::size_t>(size));
  }
  return true;
}

int SocketBio::on_read(BIO* bio, char* into, int size) noexcept {
  SocketBio& self = self_of(bio);
  BIO_clear_retry_flags(bio);
  if (size <= 0) {
    return 0;
  }
  const std::span<std::uint8_t> room(reinterpret_cast<std::uint8_t*>(into),
                                     static_cast<std::size_t>(size));
  const int count = self.receive(room);
  if (count > 0) {
    const std::size_t kept = std::min(static_cast<std::size_t>(count), self.keep_);
    self.first_flight_.insert(self.first_flight_.end(), room.begin(),
                              room.begin() + static_cast<std::ptrdiff_t>(kept));
    self.keep_ -= kept;
    self.received_ += static_cast<std::size_t>(count);
  } else if (count == kNotNow) {
    BIO_set_retry_read(bio);
  }
  return std::max(count, -1);
}

int SocketBio::on_write(BIO* bio, const char* from, int size) noexcept {
  SocketBio& self = self_of(bio);
  BIO_clear_retry_flags(bio);
  if (size <= 0) {
    return 0;
  }
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(from),
                                            static_cast<std::size_t>(size));
  int count = self.flush() ? self.send(bytes) : kNotNow;
  if (count == kBroken) {
    return -1;
  }
  if (self.in_handshake_ && count < size && self.unsent_.size() + bytes.size() <= kMaxUnsent) {
    self.unsent_.insert(self.unsent_.end(), bytes.begin() + std::max(count, 0), bytes.end());
    return size;
  }
  if (count == kNotNow) {
    BIO_set_retry_write(bio);
  }
  return count;
}

long SocketBio::on_control(BIO*, int command, long, void*) noexcept {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace chainmend::tls
