// A file in the AIA cache's folder, under the name that its bytes ask for and under one that they
// do not: what is served is byte for byte the file of the right name, or nothing.
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "certs/aia_cache.h"

namespace {

using chainmend::certs::AiaCache;
using chainmend::certs::ByteView;

// One folder for the whole run; it is empty between inputs.
const std::string& folder() {
  static const std::string path = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "chainmend-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      std::abort();
    }
    std::atexit([] { rmdir(folder().c_str()); });
    return pattern;
  }();
  return path;
}

// What a cache finds when this is its only file.
std::size_t load(const std::string& name, ByteView content) {
  const std::string path = folder() + '/' + name + ".der";
  std::ofstream(path, std::ios::binary) << chainmend::certs::as_text(content);
  AiaCache cache(folder());
  const auto certificate = chainmend::certs::Certificate::from_der(content);
  if (cache.size() != 0 && (!certificate || !std::ranges::equal((*certificate)->der(), content))) {
    std::abort();
  }
  if (cache.size() + cache.problems().size() != 1) {
    std::abort();
  }
  unlink(path.c_str());
  return cache.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView content(data, size);
  load(chainmend::certs::hex(chainmend::certs::sha256(content)), content);
  if (load(std::string(64, 'a'), content) != 0) {
    std::abort();
  }
  return 0;
}
