#include "certs/pkcs7.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = chainmend::certs::read_pkcs7({data, size});
  if (message) {
    chainmend::fuzz::require_sound(message->certificates, size);
  }
  return 0;
}
