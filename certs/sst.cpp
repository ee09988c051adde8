#include "certs/sst.h"

#include <algorithm>
#include <optional>

namespace chainmend::certs {

namespace {

constexpr std::uint8_t kHeader[] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'};
constexpr std::uint32_t kEndOfStore = 0;
constexpr std::uint32_t kCertificate = 32;
constexpr std::size_t kElementHeader = 12;  // id, encoding type, length
constexpr std::size_t kMaxProblems = 100;

std::uint32_t word(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) | static_cast<std::uint32_t>(bytes[at + 1]) << 8 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

}  // namespace

bool looks_like_sst(ByteView bytes) {
  return bytes.size() >= sizeof kHeader &&
         std::equal(std::begin(kHeader), std::end(kHeader), bytes.begin());
}

Result<SstContent> read_sst(ByteView bytes) {
  if (!looks_like_sst(bytes)) {
    return fail(ErrorCode::not_recognised, "no Windows certificate store (.sst)");
  }
  SstContent content;
  const auto complain = [&](Error problem) {
    if (content.problems.size() < kMaxProblems) {
      content.problems.push_back(std::move(problem));
    }
  };
  ByteView rest = bytes.subspan(sizeof kHeader);
  for (;;) {
    if (rest.size() < kElementHeader) {
      complain({ErrorCode::malformed, "the certificate store is cut short", {}, 0});
      break;
    }
    const std::uint32_t id = word(rest, 0);
    const std::size_t length = word(rest, 8);
    rest = rest.subspan(kElementHeader);
    if (id == kEndOfStore) {
      break;
    }
    if (length > rest.size()) {
      complain({ErrorCode::malformed, "the certificate store is cut short within an entry", {}, 0});
      break;
    }
    if (id == kCertificate) {
      auto certificate = Certificate::from_der(rest.first(length));
      if (certificate) {
        content.certificates.push_back(std::move(*certificate));
      } else {
        complain(std::move(certificate.error()));
      }
    }
    rest = rest.subspan(length);
  }
  if (content.certificates.empty() && !content.problems.empty()) {
    return tl::unexpected(content.problems.front());
  }
  return content;
}

}  // namespace chainmend::certs
