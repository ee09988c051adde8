// What an AIA URL may answer: reading it must neither crash nor bring more certificates than there
// are bytes for, and every certificate that is read must read the same again.
#include "certs/aia_body.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto found = chainmend::certs::read_aia_body({data, size});
  if (found) {
    chainmend::fuzz::require_sound(*found, size);
  }
  return 0;
}
