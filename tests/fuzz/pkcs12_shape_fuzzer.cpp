// How a PKCS#12 file is protected: whatever the bytes, there are no more parts than there are bytes
// for.
#include "certs/pkcs12_shape.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto shape = chainmend::certs::read_pkcs12_shape({data, size})) {
    chainmend::fuzz::require(shape->contents.size() + shape->keys.size() <= size);
  }
  return 0;
}
