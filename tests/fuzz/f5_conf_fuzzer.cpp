// A configuration of a BIG-IP: whatever the bytes, the reader must neither crash nor hang nor make
// more of them than is there, and what an import writes must be one line of YAML per line.
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/diagnose/f5/conf_reader.h"
#include "proxy/diagnose/f5/import.h"
#include "tests/fuzz/certs_fuzzing.h"

namespace {

using namespace chainmend::diagnose::f5;
using chainmend::fuzz::require;

// Characters of all words.
std::size_t size_of(const Statement& one, int depth) {
  require(depth <= kMaxDepth + 1);
  std::size_t size = one.raw.size();
  for (const std::string& word : one.words) {
    size += word.size();
  }
  for (const Statement& inner : one.body) {
    size += size_of(inner, depth + 1);
  }
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ConfText conf = read_conf(text, "bigip.conf");
  std::size_t total = 0;
  for (const Statement& one : conf.statements) {
    require(!one.words.empty() && one.line > 0);
    total += size_of(one, 0);
  }
  require(total <= size && conf.problems.size() <= kMaxProblems);
  Sources sources;
  if (!take_source("bigip.conf", {data, size}, sources)) {
    sources.files.push_back({"bigip.conf", text});
  }
  const Configuration config(sources);
  ImportOptions options;
  options.i_know = true;
  const Import import = import_f5(config, CertificateStore(sources), options);
  require(import.yaml.empty() == (import.taken == 0));
  for (const char c : import.yaml) {
    require(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
  return 0;
}
