#include "certs/pkcs12.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(chainmend::certs::read_pkcs12({data, size}, "secret"));
  return 0;
}
