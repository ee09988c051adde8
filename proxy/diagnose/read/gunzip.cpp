#include "proxy/diagnose/read/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>

namespace chainmend::diagnose {

namespace {

tl::unexpected<certs::Error> refuse(const std::string& text) {
  return certs::fail(certs::ErrorCode::malformed, text);
}

struct Inflating {
  z_stream stream{};
  Inflating() { inflateInit2(&stream, 15 + 16); }
  ~Inflating() { inflateEnd(&stream); }
  Inflating(const Inflating&) = delete;
  Inflating& operator=(const Inflating&) = delete;
};

certs::Result<certs::Bytes> unpack_once(certs::ByteView bytes, std::size_t limit) {
  Inflating inflating;
  z_stream& stream = inflating.stream;
  std::array<std::uint8_t, 65'536> block{};
  certs::Bytes out;
  stream.next_in = const_cast<Bytef*>(bytes.data());  // zlib reads it only
  stream.avail_in = static_cast<uInt>(bytes.size());
  int state = Z_OK;
  while (state != Z_STREAM_END || stream.avail_in > 0) {
    if (state == Z_STREAM_END) {
      inflateReset(&stream);  // another member follows
    }
    stream.next_out = block.data();
    stream.avail_out = static_cast<uInt>(block.size());
    state = inflate(&stream, Z_NO_FLUSH);
    const std::size_t size = block.size() - stream.avail_out;
    if (state == Z_BUF_ERROR && size == 0) {
      return refuse("the gzip file ends too early");
    }
    if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
      return refuse("no sound gzip file");
    }
    if (out.size() + size > limit) {
      return refuse("this is a gzip file that unpacks to more than " +
                    std::to_string(limit / 1024 / 1024) + " MiB");
    }
    out.insert(out.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return out;
}

}  // namespace

bool looks_like_gzip(certs::ByteView bytes) {
  return bytes.size() > 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

certs::Result<certs::Bytes> gunzip(certs::ByteView bytes, std::size_t limit) {
  certs::Bytes out;
  for (int i = 0; i < kMaxPackings; ++i) {
    auto unpacked = unpack_once(bytes, limit);
    if (!unpacked || !looks_like_gzip(*unpacked)) {
      return unpacked;
    }
    out = std::move(*unpacked);
    bytes = out;
  }
  return refuse("this is a gzip file in a gzip file, and so on: unpack it first");
}

}  // namespace chainmend::diagnose
