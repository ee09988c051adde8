#include "certs/issuer_source.h"

namespace chainmend::certs {

const char* to_string(Origin origin) {
  switch (origin) {
    case Origin::leaf_file:
      return "file";
    case Origin::bundle:
      return "bundle";
    case Origin::cache:
      return "cache";
    case Origin::aia:
      return "aia";
    case Origin::peer:
      return "peer";
    case Origin::root:
      return "root";
  }
  return "unknown";
}

}  // namespace chainmend::certs
