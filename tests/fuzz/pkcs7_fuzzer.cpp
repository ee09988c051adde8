#include "certs/pkcs7.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(chainmend::certs::read_pkcs7({data, size}));
  return 0;
}
