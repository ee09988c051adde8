#include "certs/sst.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto store = chainmend::certs::read_sst({data, size});
  if (store) {
    chainmend::fuzz::require(chainmend::certs::looks_like_sst({data, size}));
    chainmend::fuzz::require_sound(store->certificates, size);
  }
  return 0;
}
