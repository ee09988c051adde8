// PEM: every block is a stretch of the input, in order and apart from the others, and no more than
// it decoded.
#include "certs/pem.h"

#include "tests/fuzz/certs_fuzzing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using chainmend::fuzz::require;
  const std::string_view text = chainmend::certs::as_text({data, size});
  const auto pem = chainmend::certs::read_pem(text);
  require(pem.blocks.size() + pem.problems.size() <= size);
  std::size_t end = 0;
  for (const auto& block : pem.blocks) {
    require(block.text.data() >= text.data() + end);
    end = static_cast<std::size_t>(block.text.data() - text.data()) + block.text.size();
    require(end <= size && block.der.size() <= block.text.size() && block.line >= 1);
  }
  return 0;
}
