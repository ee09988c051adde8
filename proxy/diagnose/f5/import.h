// import_f5(): a configuration of chainmend that stands in for virtuals of a BIG-IP. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "certs/bytes.h"
#include "proxy/diagnose/f5/certificate_store.h"
#include "proxy/diagnose/f5/configuration.h"
#include "proxy/diagnose/f5/ledger.h"

namespace chainmend::diagnose::f5 {

struct ImportOptions {
  std::vector<std::string> virtuals;             // by name; empty: all that are enabled
  std::map<std::string, std::string> addresses;  // of listeners and servers: F5's, and that here
  std::vector<std::string> trust;    // files of roots, beside those of the system; empty: those
  std::vector<std::string> bundles;  // files with intermediates, beside the chains of profiles
  bool as_is = false;                // with the certificate lists that the BIG-IP sends
  bool i_know = false;               // also those that guard something
};

// A file beside the configuration.
struct ImportedFile {
  std::string name;    // "certs/ews.crt"
  std::string object;  // "/Common/ews.crt"
  bool is_secret = false;
  bool is_at_hand = false;  // else somebody has to put it there
  certs::Bytes bytes;
};

struct Import {
  std::string yaml;  // empty: nothing could be taken
  std::vector<LedgerLine> lines;
  std::vector<ImportedFile> files;
  std::size_t taken = 0;                      // virtuals that have become listeners
  std::vector<std::string> left_out;          // the others that were asked for: "/Common/ews: why"
  std::vector<std::string> unknown;           // names of --virtual that no file has
  std::vector<std::string> unused_addresses;  // of --map
};

Import import_f5(const Configuration& config, const CertificateStore& store,
                 const ImportOptions& options);

}  // namespace chainmend::diagnose::f5
