#include "certs/pkcs12.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto store = chainmend::certs::read_pkcs12({data, size}, "secret");
  if (store) {
    chainmend::fuzz::require_readable(store->certificates);
  }
  return 0;
}
