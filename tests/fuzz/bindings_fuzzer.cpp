// What Windows' tools print of bindings: whatever the bytes, what is found is well formed, and
// there is no more of it than there are lines.
#include "proxy/diagnose/lint/bindings.h"

#include <algorithm>

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using chainmend::diagnose::Binding;
  const auto found = chainmend::diagnose::read_bindings({data, size}, "sslcert.txt").found;
  const auto lines = static_cast<std::size_t>(std::count(data, data + size, '\n')) + 1;
  chainmend::fuzz::require(found.size() <= lines);
  for (const Binding& one : found) {
    chainmend::fuzz::require(one.port != 0 && one.host.empty() != one.address.empty());
    chainmend::fuzz::require(one.thumbprint.empty() || one.thumbprint.size() == 40);
    chainmend::fuzz::require(one.line >= 1 && one.line <= lines);
  }
  return 0;
}
