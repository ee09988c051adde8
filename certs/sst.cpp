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

// Takes the element at the front of rest, which has a whole header. Unset: its end is missing.
std::optional<SstProperty> next_element(ByteView& rest) {
  const std::uint32_t id = word(rest, 0);
  const std::size_t length = id == kEndOfStore ? 0 : word(rest, 8);
  rest = rest.subspan(kElementHeader);
  if (length > rest.size()) {
    return std::nullopt;
  }
  const SstProperty element{id, rest.first(length)};
  rest = rest.subspan(length);
  return element;
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
    const std::optional<SstProperty> element = next_element(rest);
    if (element && element->id == kEndOfStore) {
      break;
    }
    if (!element) {
      complain({ErrorCode::malformed, "the certificate store is cut short within an entry", {}, 0});
      break;
    }
    if (element->id == kCertificate) {
      auto certificate = Certificate::from_der(element->value);
      if (certificate) {
        content.certificates.push_back(std::move(*certificate));
      } else {
        complain(std::move(certificate.error()));
      }
    }
  }
  if (content.certificates.empty() && !content.problems.empty()) {
    return tl::unexpected(content.problems.front());
  }
  return content;
}

SstProperties read_sst_properties(ByteView bytes) {
  SstProperties out;
  while (bytes.size() >= kElementHeader) {
    const std::optional<SstProperty> element = next_element(bytes);
    if (!element) {
      out.is_cut = true;
      return out;
    }
    if (element->id == kEndOfStore) {
      return out;
    }
    out.list.push_back(*element);
  }
  out.is_cut = !bytes.empty();
  return out;
}

}  // namespace chainmend::certs
