#include "certs/pem.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pem = chainmend::certs::read_pem(chainmend::certs::as_text({data, size}));
  return pem.blocks.size() + pem.problems.size() > size ? -1 : 0;
}
