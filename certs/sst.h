// Windows serialized certificate stores (.sst), as certmgr and Export-Certificate write them.
//
// Layout, measured on exported stores and described in [MS-OSHARED]-like properties of wincrypt.h:
// a header of two little-endian words (version 0, magic "CERT"), then elements of three words
// (property id, encoding type, length) and that many bytes. Element 32 is a certificate in DER;
// others are properties of the certificate that follows (friendly name, key identifier ...). An
// element of id 0 ends the store.
#pragma once

#include <vector>

#include "certs/bytes.h"
#include "certs/certificate.h"
#include "certs/result.h"

namespace chainmend::certs {

bool looks_like_sst(ByteView bytes);

struct SstContent {
  std::vector<CertificatePtr> certificates;  // in the order of the store
  std::vector<Error> problems;               // entries that are no readable certificates
};

// All certificates of a store. Fails when the element structure is broken before the first
// certificate; what was read before a later break is kept and the break is a problem.
Result<SstContent> read_sst(ByteView bytes);

struct SstProperty {
  std::uint32_t id = 0;
  ByteView value;  // borrowed from what was read
};
struct SstProperties {
  std::vector<SstProperty> list;
  bool is_cut = false;  // the bytes end within an element
};

// Elements without the header of a store, as the registry keeps those of one certificate.
SstProperties read_sst_properties(ByteView bytes);

}  // namespace chainmend::certs
