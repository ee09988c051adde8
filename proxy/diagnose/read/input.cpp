#include "proxy/diagnose/read/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kBlock = std::size_t{256} * 1024;
constexpr std::size_t kFirst = 512;
// Logs shrink to a tenth, those of one repeated line to a hundredth; a bomb to a thousandth.
constexpr std::uint64_t kMaxRatio = 400;
constexpr std::uint64_t kFreeBytes = std::uint64_t{64} * 1024 * 1024;  // whatever the ratio

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

std::string reason_of(int error) { return std::generic_category().message(error); }

}  // namespace

struct Input::Gzip {
  z_stream stream{};
  std::vector<char> out = std::vector<char>(kBlock);
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  bool ended = false;  // the end of a member; another may follow

  Gzip() { inflateInit2(&stream, 15 + 16); }
  ~Gzip() { inflateEnd(&stream); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
};

Input::Input(int file, bool is_owned) : file_(file), is_owned_(is_owned), block_(kBlock) {}

Input::Input(Input&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      is_owned_(other.is_owned_),
      has_begun_(other.has_begun_),
      block_(std::move(other.block_)),
      gzip_(std::move(other.gzip_)) {}

Input& Input::operator=(Input&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(is_owned_, other.is_owned_);
  std::swap(has_begun_, other.has_begun_);
  std::swap(block_, other.block_);
  std::swap(gzip_, other.gzip_);
  return *this;
}

Input::~Input() {
  if (file_ >= 0 && is_owned_) {
    ::close(file_);
  }
}

certs::Result<Input> Input::open(const std::string& path) {
  if (path == "-") {
    return Input(STDIN_FILENO, false);
  }
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) {
    return refuse("cannot read " + path + ": " + reason_of(errno));
  }
  Input input(file, true);
  struct stat about{};
  if (::fstat(file, &about) != 0 || S_ISDIR(about.st_mode) || S_ISCHR(about.st_mode) ||
      S_ISBLK(about.st_mode)) {
    return refuse(path + " is a folder or a device, not a log");
  }
  return input;
}

certs::Result<std::string_view> Input::read_file() {
  // The first block tells what the file is, and pipes bring it in pieces.
  const std::size_t least = has_begun_ ? 1 : kFirst;
  has_begun_ = true;
  std::size_t size = 0;
  while (size < least) {
    const ssize_t got = ::read(file_, block_.data() + size, block_.size() - size);
    if (got < 0 && errno != EINTR) {
      return refuse("cannot read further: " + reason_of(errno));
    }
    if (got <= 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  return std::string_view(block_.data(), size);
}

certs::Result<std::string_view> Input::unpack() {
  z_stream& stream = gzip_->stream;
  while (true) {
    if (stream.avail_in == 0) {
      auto block = read_file();
      if (!block) {
        return block;
      }
      if (block->empty()) {
        return gzip_->ended || gzip_->packed == 0
                   ? certs::Result<std::string_view>(std::string_view())
                   : refuse("the gzip file ends too early");
      }
      stream.next_in = reinterpret_cast<Bytef*>(block_.data());
      stream.avail_in = static_cast<uInt>(block->size());
      gzip_->packed += block->size();
    }
    if (gzip_->ended) {
      inflateReset(&stream);
      gzip_->ended = false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(gzip_->out.data());
    stream.avail_out = static_cast<uInt>(gzip_->out.size());
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      return refuse("no sound gzip file");
    }
    gzip_->ended = state == Z_STREAM_END;
    const std::size_t size = gzip_->out.size() - stream.avail_out;
    gzip_->unpacked += size;
    if (gzip_->unpacked > kFreeBytes && gzip_->unpacked / kMaxRatio > gzip_->packed) {
      return refuse("unpacks to more than " + std::to_string(kMaxRatio) +
                    " times its size, as no log does");
    }
    if (size > 0) {
      return std::string_view(gzip_->out.data(), size);
    }
  }
}

certs::Result<std::string_view> Input::read() {
  if (gzip_ != nullptr) {
    return unpack();
  }
  const bool is_first = !has_begun_;
  auto block = read_file();
  if (block && is_first && block->starts_with("\x1F\x8B")) {
    gzip_ = std::make_unique<Gzip>();
    gzip_->stream.next_in = reinterpret_cast<Bytef*>(block_.data());
    gzip_->stream.avail_in = static_cast<uInt>(block->size());
    gzip_->packed = block->size();
    return unpack();
  }
  return block;
}

}  // namespace chainmend::diagnose
