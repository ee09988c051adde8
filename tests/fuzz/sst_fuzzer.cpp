#include "certs/sst.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(chainmend::certs::read_sst({data, size}));
  return 0;
}
