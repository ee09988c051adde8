// The hello parser on bytes of a stranger: it must neither crash nor read past them, facts must
// stay within what the bytes can hold, and a prefix of a whole hello must never be taken for
// another verdict.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/fingerprint.h"
#include "proxy/clients/recordable_hello.h"

using chainmend::clients::FirstFlight;
using chainmend::clients::FlightKind;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const FirstFlight whole = chainmend::clients::parse_client_hello(bytes);
  if (whole.kind != FlightKind::hello) {
    return 0;
  }
  if (whole.hello.suites.size() > size || whole.hello.extensions.size() > size ||
      whole.hello.groups.size() > size) {
    std::abort();
  }
  (void)chainmend::clients::ja3(whole.hello);
  (void)chainmend::clients::ja4(whole.hello);
  const FlightKind half = chainmend::clients::parse_client_hello(bytes.first(size / 2)).kind;
  if (half != FlightKind::need_more && half != FlightKind::hello) {
    std::abort();
  }
  // What is kept in a log is the same hello.
  const auto kept = chainmend::clients::recordable_hello(bytes);
  const FirstFlight again = chainmend::clients::parse_client_hello(kept);
  if (again.kind != FlightKind::hello || kept.size() > size ||
      again.hello.suites != whole.hello.suites ||
      again.hello.extensions != whole.hello.extensions ||
      again.hello.server_name != whole.hello.server_name) {
    std::abort();
  }
  return 0;
}
