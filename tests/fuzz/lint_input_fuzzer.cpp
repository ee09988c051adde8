// A text that names certificates, as `chainmend lint` reads it: whatever the bytes, the readers
// must neither crash nor hang, hold no more than is there, and what the judges say of it must be
// fit for a terminal.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/lint/read_listing.h"
#include "proxy/diagnose/lint/root_store.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/gunzip.h"
#include "tests/fuzz/certs_fuzzing.h"

namespace {

using namespace chainmend::diagnose;
using chainmend::fuzz::require;

void require_sound(const Listing& listing, std::size_t size) {
  std::vector<chainmend::certs::CertificatePtr> certificates;
  for (const StoredCertificate& one : listing.stored) {
    certificates.push_back(one.certificate);
  }
  chainmend::fuzz::require_sound(certificates, size);
  require(listing.listed.size() <= size);
  for (const Listed& one : listing.listed) {
    require(one.thumbprint.empty() || one.thumbprint.size() == 40);
    require(one.subject.size() <= 2 * kMaxListedText && one.issuer.size() <= 2 * kMaxListedText);
    require(one.line > 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const chainmend::certs::ByteView bytes(data, size);
  if (looks_like_gzip(bytes)) {
    if (const auto unpacked = gunzip(bytes, 1024 * 1024)) {
      require(unpacked->size() <= 1024 * 1024);
    }
    return 0;
  }
  const ListingText text = read_listing_text(bytes);
  Listing listing = read_listing(text.utf8);
  require_sound(listing, text.utf8.size());
  LintInput input;
  for (Listed& one : listing.listed) {
    input.listed.push_back({std::move(one), {"listing", 0, 1}});
  }
  for (StoredCertificate& one : listing.stored) {
    input.entries.push_back({one.certificate, {"listing", 0, 1}, one.store, one.has_key});
  }
  for (const LintFinding& one : lint_root_store(input, {}).findings) {
    require(std::ranges::none_of(shown_text(one.finding.text + one.subject), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    }));
  }
  return 0;
}
