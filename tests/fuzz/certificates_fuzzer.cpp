// Whatever a file may hold, and a search over it: the first certificate as the leaf, the last as
// the root.
#include "certs/certificate_reader.h"
#include "certs/chain_report.h"
#include "certs/served_chain.h"

#include <nlohmann/json.hpp>

using namespace chainmend::certs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Reading reading = read_certificates({data, size}, "fuzz");
  if (reading.certificates.empty()) {
    return 0;
  }
  const LeafFile file = make_leaf_file(reading.certificates, pick_leaf(reading.certificates));
  const TrustProfile profile("fuzz", {reading.certificates.back().certificate});
  to_json(build_served_chain(file, {}, profile, {.search = {.at = *parse_time("2026-01-01")}}));
  return 0;
}
